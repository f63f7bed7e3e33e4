//! The first record of `zfs send`: what a stream is, before a byte of it is received (OpenZFS `include/sys/zfs_ioctl.h`,
//! `dmu_replay_record_t`, `DRR_BEGIN`; 312 bytes in the byte order of the sender).

use std::fmt;

/// How much of a stream [`Begin::parse`] needs.
pub const LENGTH: usize = 312;

const MAGIC: u64 = 0x0002_f5ba_cbac;
/// `DMU_COMPOUNDSTREAM`: several datasets, or one with its properties.
const COMPOUND: u64 = 2;
/// `DMU_OST_ZFS`: a file system, no volume.
const FILE_SYSTEM: u32 = 2;

/// A whole file system in one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// The guid of the snapshot that was sent; it keeps it wherever it is received.
    pub guid: u64,
    /// Its name where it was sent.
    pub name: String,
}

/// Why a stream is not an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoImage {
    /// It does not begin as one.
    NoStream,
    /// `zfs send -R` or `-p`.
    Compound,
    /// `zfs send -i`.
    Incremental,
    /// A volume.
    NoFileSystem,
}

impl fmt::Display for NoImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStream => "is not a ZFS stream; make it with `zfs send POOL/ROOT/IMAGE@SNAPSHOT | zstd`",
            Self::Compound => {
                "holds several datasets or properties; make it with `zfs send` without -R and -p"
            }
            Self::Incremental => "is an incremental stream; make it with `zfs send` without -i",
            Self::NoFileSystem => "holds a volume, not a file system",
        })
    }
}

impl Begin {
    /// What the first [`LENGTH`] bytes say.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoImage> {
        let record: &[u8; LENGTH] = bytes
            .get(..LENGTH)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(NoImage::NoStream)?;
        let swapped = if word(record, 8, false) == MAGIC {
            false
        } else if word(record, 8, true) == MAGIC {
            true
        } else {
            return Err(NoImage::NoStream);
        };
        let kind = half(record, 32, swapped);
        if half(record, 0, swapped) != 0 {
            return Err(NoImage::NoStream);
        }
        if word(record, 16, swapped) & 3 == COMPOUND {
            return Err(NoImage::Compound);
        }
        if kind != FILE_SYSTEM {
            return Err(NoImage::NoFileSystem);
        }
        if word(record, 48, swapped) != 0 {
            return Err(NoImage::Incremental);
        }
        let name = record[56..].split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(Self {
            guid: word(record, 40, swapped),
            name: String::from_utf8_lossy(name).into_owned(),
        })
    }
}

fn word(record: &[u8; LENGTH], at: usize, big: bool) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&record[at..at + 8]);
    if big {
        u64::from_be_bytes(bytes)
    } else {
        u64::from_le_bytes(bytes)
    }
}

fn half(record: &[u8; LENGTH], at: usize, big: bool) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&record[at..at + 4]);
    if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn record(kind: u32, header: u64, from: u64) -> Vec<u8> {
        let mut bytes = vec![0; LENGTH];
        bytes[8..16].copy_from_slice(&MAGIC.to_le_bytes());
        bytes[16..24].copy_from_slice(&(header | (0x4 << 2)).to_le_bytes());
        bytes[32..36].copy_from_slice(&kind.to_le_bytes());
        bytes[40..48].copy_from_slice(&77u64.to_le_bytes());
        bytes[48..56].copy_from_slice(&from.to_le_bytes());
        bytes[56..70].copy_from_slice(b"build/ROOT/a@1");
        bytes
    }

    #[test]
    fn a_whole_file_system_is_told_from_everything_else() {
        let begin = Begin::parse(&record(FILE_SYSTEM, 1, 0)).unwrap();
        assert_eq!((begin.guid, begin.name.as_str()), (77, "build/ROOT/a@1"));
        assert_eq!(
            Begin::parse(&record(FILE_SYSTEM, COMPOUND, 0)),
            Err(NoImage::Compound)
        );
        assert_eq!(
            Begin::parse(&record(FILE_SYSTEM, 1, 5)),
            Err(NoImage::Incremental)
        );
        assert_eq!(Begin::parse(&record(3, 1, 0)), Err(NoImage::NoFileSystem));
        assert_eq!(Begin::parse(&[0; LENGTH]), Err(NoImage::NoStream));
        assert_eq!(
            Begin::parse(&record(FILE_SYSTEM, 1, 0)[..100]),
            Err(NoImage::NoStream)
        );
    }

    #[test]
    fn a_sender_of_the_other_byte_order_is_understood() {
        let mut bytes = record(FILE_SYSTEM, 1, 0);
        for (at, length) in [(0, 4), (8, 8), (16, 8), (32, 4), (40, 8), (48, 8)] {
            bytes[at..at + length].reverse();
        }
        assert_eq!(Begin::parse(&bytes).unwrap().guid, 77);
    }
}
