//! Compressed bodies: SDKs compress PutMetricData from some 10 KiB on (Smithy, "requestCompression trait").

use std::io::Read;

use flate2::read::GzDecoder;

use crate::failure::Failure;

/// PutMetricData takes 1 MB compressed or not (CloudWatch service quotas); more is a bomb.
const UNPACKED_MAX: u64 = 8 * 1_024 * 1_024;

/// A body without its compression.
pub(super) fn unpacked(body: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut plain = Vec::new();
    let mut reader = GzDecoder::new(body).take(UNPACKED_MAX + 1);
    reader.read_to_end(&mut plain).map_err(|e| Failure::malformed(format!("gzip: {e}")))?;
    if plain.len() as u64 > UNPACKED_MAX {
        return Err(Failure::malformed(format!("gzip: more than {UNPACKED_MAX} bytes")));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_compressed_body_is_read_and_a_bomb_or_a_torn_one_is_refused() {
        assert_eq!(unpacked(&packed(b"hello")).unwrap(), b"hello");
        let bomb = packed(&vec![0; UNPACKED_MAX as usize + 1]);
        assert!(bomb.len() < 100_000 && unpacked(&bomb).is_err(), "{}", bomb.len());
        assert!(unpacked(b"hello").is_err());
        let torn = packed(b"hello hello");
        assert!(unpacked(&torn[..torn.len() - 5]).is_err());
    }
}
