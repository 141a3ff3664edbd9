//! Images that somebody else's bytes choose.

use crate::artifact::{seal, walk};
use tenon::base::ErrorKind;
use tenon::image::{Fingerprint, Image, ImageBytes};

/// Bytes as they are, then with a checksum that is right: refused with the right kind of error, or loaded and looked at.
pub fn check_bytes(mut bytes: Vec<u8>, fingerprint: &Fingerprint) -> Result<(), String> {
    for sealed in [false, true] {
        if sealed {
            seal(&mut bytes);
        }
        match Image::load(ImageBytes::from(bytes.clone()), fingerprint) {
            Ok(image) => _ = std::hint::black_box(walk(&image)),
            Err(e) if e.kind() == ErrorKind::Artifact && !e.to_string().is_empty() => {}
            Err(e) => return Err(format!("refused as {:?}: {e}", e.kind())),
        }
    }
    Ok(())
}

/// A copy with edits: each ten bytes say where, counted from the edit before, and which eight bytes stand there.
pub fn edited(original: &[u8], edits: &[u8]) -> Vec<u8> {
    let (mut bytes, mut at) = (original.to_vec(), 0);
    for edit in edits.chunks_exact(10) {
        at = (at + usize::from(u16::from_le_bytes([edit[0], edit[1]]))) % (original.len() - 8);
        bytes[at..at + 8].copy_from_slice(&edit[2..]);
    }
    bytes
}
