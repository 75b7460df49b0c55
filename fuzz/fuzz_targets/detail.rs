#![no_main]
//! See `headroom_tests::fuzz::detail`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| headroom_tests::fuzz::detail(bytes));
