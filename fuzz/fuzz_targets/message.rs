#![no_main]
//! See `headroom_tests::fuzz::message`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| headroom_tests::fuzz::message(bytes));
