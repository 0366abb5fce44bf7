#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_signaling::fuzzing::canvas_positions(bytes));
