#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_codec::fuzzing::video_headers(bytes));
