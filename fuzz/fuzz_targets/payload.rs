#![no_main]
//! See `headroom_tests::fuzz::payload`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| headroom_tests::fuzz::payload(bytes));
