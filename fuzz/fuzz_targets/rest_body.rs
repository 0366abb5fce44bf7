#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_rest::fuzzing::rest_body(bytes));
