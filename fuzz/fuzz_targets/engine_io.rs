#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_videochat::fuzzing::engine_io(bytes));
