#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_outputs::fuzzing::mp4(bytes));
