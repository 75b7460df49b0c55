//! Picks the roots of Amazon Trust Services out of Mozilla's set, by subject.
//!
//! Every AWS endpoint chains to one of them. Embedding these few instead of reading the system's set is what
//! keeps a cold start short; picking at build time keeps the other roots out of the binary.

use std::fmt::Write as _;
use std::path::Path;

use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Common names of the roots that AWS's certificates chain to.
const SUBJECTS: [&str; 5] = [
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
];
/// DER of the object identifier 2.5.4.3, common name.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];
/// PrintableString and UTF8String, in which authorities write names.
const STRING_TAGS: [u8; 2] = [0x13, 0x0c];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut code = format!("pub(crate) const AMAZON_ROOTS: [&[u8]; {}] = [\n", SUBJECTS.len());
    for subject in SUBJECTS {
        let Some(root) = TLS_SERVER_ROOT_CERTS.iter().find(|root| is_of(root, subject)) else {
            println!("cargo::error=no root named {subject:?} in webpki-root-certs");
            return;
        };
        let bytes: &[u8] = root;
        let written = writeln!(code, "    // {subject}\n    &{bytes:?},");
        assert!(written.is_ok(), "writing to a string");
    }
    code.push_str("];\n");
    // All of them for services that are not AWS's; a function that calls none of those does not link them.
    let written = writeln!(code, "pub(crate) static PUBLIC_ROOTS: [&[u8]; {}] = [", TLS_SERVER_ROOT_CERTS.len());
    assert!(written.is_ok(), "writing to a string");
    for root in TLS_SERVER_ROOT_CERTS {
        let bytes: &[u8] = root;
        let written = writeln!(code, "    &{bytes:?},");
        assert!(written.is_ok(), "writing to a string");
    }
    code.push_str("];\n");
    let Some(out) = std::env::var_os("OUT_DIR") else {
        println!("cargo::error=OUT_DIR is not set");
        return;
    };
    if let Err(error) = std::fs::write(Path::new(&out).join("roots.rs"), code) {
        println!("cargo::error=roots.rs: {error}");
    }
}

/// Whether the certificate carries this common name; a root's subject is its issuer.
fn is_of(der: &[u8], subject: &str) -> bool {
    let Ok(length) = u8::try_from(subject.len()) else { return false };
    STRING_TAGS.iter().any(|tag| {
        let mut name = COMMON_NAME.to_vec();
        name.extend([*tag, length]);
        name.extend(subject.bytes());
        der.windows(name.len()).any(|window| window == name)
    })
}
