//! Where the firmware finds a boot entry's program: a list of nodes `type, subtype, length, data` (UEFI, section 10).

use super::utf16;

/// Disk partition, and a file in it.
const HARD_DRIVE: [u8; 2] = [4, 1];
const FILE: [u8; 2] = [4, 4];
const END: [u8; 4] = [0x7f, 0xff, 4, 0];
/// Both in the node of a hard drive: the table is GPT, the signature is a GUID.
const GPT_WITH_GUID: [u8; 2] = [2, 2];

/// A list of nodes that ends where it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePath(Vec<u8>);

/// A partition of a GPT, as the firmware finds it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// From 1.
    pub number: u32,
    /// Its first block.
    pub start: u64,
    /// How many blocks; of the disk's own size, where sysfs always counts 512 bytes.
    pub blocks: u64,
    /// Its GUID as `PARTUUID` prints it.
    pub guid: String,
}

impl DevicePath {
    /// A file of a partition, `/EFI/zbm/zbm.efi` or with backslashes; `None` if the GUID is not one, or the path is empty, too long
    /// or holds a NUL.
    pub fn to_file(partition: &Partition, file: &str) -> Option<Self> {
        let mut drive = Vec::with_capacity(38);
        drive.extend(partition.number.to_le_bytes());
        drive.extend(partition.start.to_le_bytes());
        drive.extend(partition.blocks.to_le_bytes());
        drive.extend(guid_bytes(&partition.guid)?);
        drive.extend(GPT_WITH_GUID);
        if file.is_empty() || file.contains('\0') {
            return None;
        }
        let name = utf16::encode(&(file.replace('/', "\\") + "\0"));
        let mut bytes = node(HARD_DRIVE, &drive)?;
        bytes.extend(node(FILE, &name)?);
        bytes.extend(END);
        Self::parse(&bytes)
    }

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

/// The first node and the rest.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_le_bytes([*bytes.get(2)?, *bytes.get(3)?]));
    if length < 4 {
        return None;
    }
    bytes.split_at_checked(length)
}

fn node(kind: [u8; 2], data: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(data.len() + 4).ok()?;
    Some([&kind[..], &length.to_le_bytes()[..], data].concat())
}

/// The first three groups are numbers and so little endian, the rest is as written.
fn guid_bytes(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.iter().map(|group| group.len()).ne([8, 4, 4, 4, 12]) {
        return None;
    }
    let hex = groups.concat();
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = u128::from_str_radix(&hex, 16).ok()?.to_be_bytes();
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    Some(bytes)
}
