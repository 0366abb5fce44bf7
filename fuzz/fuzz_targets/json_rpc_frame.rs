#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rotunda_signal::fuzzing::json_rpc_frame(bytes));
