#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_rtc::fuzzing::sdp_offer(bytes));
