//! Where the firmware finds a boot entry's program: a list of nodes `type, subtype, length, data` (UEFI, section 10).

use super::utf16;

/// A partition, and the name of a file.
const PARTITION: [u8; 4] = [4, 1, 42, 0];
const FILE: [u8; 2] = [4, 4];
const END: [u8; 4] = [0x7f, 0xff, 4, 0];

/// A list of nodes that ends where it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePath(Vec<u8>);

impl DevicePath {
    /// The bytes if they are a list of nodes, its end included and nothing after it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        // A load option holds the list's length in 16 bits.
        u16::try_from(bytes.len()).ok()?;
        loop {
            let (head, after) = split(rest)?;
            rest = after;
            if rest.is_empty() {
                return (head == END).then(|| Self(bytes.to_vec()));
            }
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The GUID of the partition it names, in lower case; `None` where it names none of a GPT.
    pub fn partition(&self) -> Option<String> {
        let mut rest = self.bytes();
        while let Some((head, after)) = split(rest) {
            // Number, start and size of the partition, its signature, the kinds of table and signature.
            if head.starts_with(&PARTITION) && head.ends_with(&[2]) {
                return head.get(24..)?.first_chunk().map(guid);
            }
            rest = after;
        }
        None
    }

    /// The file it names, with backslashes. `None` for an entry that names a whole disk: such a path cannot be reused for a
    /// program.
    pub fn file(&self) -> Option<String> {
        let mut rest = self.bytes();
        while let Some((head, after)) = split(rest) {
            if head.starts_with(&FILE) {
                return utf16::decode(head.get(4..)?);
            }
            rest = after;
        }
        None
    }
}

/// A GUID as text: its first three groups are stored as little-endian numbers.
fn guid(bytes: &[u8; 16]) -> String {
    const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut text = String::new();
    for (place, at) in ORDER.into_iter().enumerate() {
        if [4, 6, 8, 10].contains(&place) {
            text.push('-');
        }
        text.push_str(&format!("{:02x}", bytes[at]));
    }
    text
}

/// The first node and the rest.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_le_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    if length < 4 {
        return None;
    }
    bytes.split_at_checked(length)
}
