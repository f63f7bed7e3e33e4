//! Programs of the firmware and what is packed into them: PE files with named sections (systemd-stub(7), UAPI.5). A unified
//! kernel holds `.linux`, `.initrd`, `.osrel` and `.cmdline`; ZFSBootMenu's program is one as well.
//!
//! Only the headers and the requested sections are read: such a file is 20 to 200 MB in size.

use object::pe::{ImageDosHeader, ImageFileHeader};
use object::read::coff::CoffHeader as _;
use object::read::{ReadCache, ReadRef};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Larger than any os-release or command line.
const LONGEST_TEXT: u32 = 64 * 1024;
const SIGNATURE: &[u8] = b"PE\0\0";

/// A PE file that is open.
#[derive(Debug)]
pub struct Program {
    file: File,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    name: String,
    at: u32,
    /// Without its padding.
    size: u32,
}

impl Program {
    /// The program in this file; an error for a file that is not a PE program.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let sections =
            sections(&ReadCache::new(&file)).ok_or_else(|| io::Error::other("it is not an EFI program"))?;
        Ok(Self { file, sections })
    }

    /// Whether it has this section, with something in it.
    pub fn holds(&self, section: &str) -> bool {
        self.section(section).is_some_and(|section| section.size > 0)
    }

    /// The text of a section, at most 64 KiB of it, without NULs and white space around it; empty if there is no such
    /// section.
    pub fn text(&self, section: &str) -> io::Result<String> {
        let Some(section) = self.section(section) else {
            return Ok(String::new());
        };
        let mut bytes = vec![0; section.size.min(LONGEST_TEXT) as usize];
        self.file.read_exact_at(&mut bytes, u64::from(section.at))?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_matches(['\0', ' ', '\n']).to_owned())
    }

    /// The first section that extends past the end of the file, as after an interrupted copy.
    pub fn cut_off_in(&self) -> io::Result<Option<&str>> {
        let length = self.file.metadata()?.len();
        let cut = |section: &&Section| u64::from(section.at) + u64::from(section.size) > length;
        Ok(self
            .sections
            .iter()
            .find(cut)
            .map(|section| section.name.as_str()))
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

/// The section table; `None` for what is not a PE file.
fn sections<'data>(data: impl ReadRef<'data>) -> Option<Vec<Section>> {
    let mut offset = u64::from(ImageDosHeader::parse(data).ok()?.nt_headers_offset());
    if data.read_bytes(&mut offset, SIGNATURE.len() as u64).ok()? != SIGNATURE {
        return None;
    }
    let header = ImageFileHeader::parse(data, &mut offset).ok()?;
    let table = header.sections(data, offset).ok()?;
    let section = |header: &object::pe::ImageSectionHeader| {
        let (at, size) = header.pe_file_range();
        Section {
            name: String::from_utf8_lossy(header.raw_name()).into_owned(),
            at,
            size,
        }
    };
    Some(table.iter().map(section).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    /// A program with one section before the one that is looked for.
    pub(crate) fn bytes(name: &[u8; 8], text: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 0x40];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c] = 0x40;
        bytes.extend(b"PE\0\0\x64\x86\x02\0");
        bytes.extend([0; 12]);
        bytes.extend([8, 0, 0, 0]);
        bytes.extend([0; 8]);
        for (name, start, size) in [(b".osrel\0\0", 0, 0), (name, 0xb0, text.len())] {
            bytes.extend(name);
            bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(512_u32.to_le_bytes());
            bytes.extend(u32::try_from(start).unwrap().to_le_bytes());
            bytes.extend([0; 16]);
        }
        assert_eq!(bytes.len(), 0xb0);
        bytes.extend(text);
        bytes.resize(bytes.len() + 512, 0xff);
        bytes
    }

    fn open(bytes: &[u8]) -> io::Result<Program> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(bytes)?;
        Program::open(file.path())
    }

    #[test]
    fn a_section_is_found_by_its_name() {
        let with = open(&bytes(b".cmdline", b"zbm.timeout=3 loglevel=0\n\0")).unwrap();
        assert_eq!(with.text(".cmdline").unwrap(), "zbm.timeout=3 loglevel=0");
        assert!(with.holds(".cmdline") && !with.holds(".osrel") && !with.holds(".linux"));
        let without = open(&bytes(b".linux\0\0", b"x")).unwrap();
        assert_eq!(without.text(".cmdline").unwrap(), "");
    }

    #[test]
    fn what_is_not_a_program_is_an_error() {
        for other in [&b"#!/bin/sh"[..], b"", b"MZ"] {
            assert!(
                open(other)
                    .unwrap_err()
                    .to_string()
                    .contains("not an EFI program")
            );
        }
    }

    #[test]
    fn a_file_that_was_cut_is_seen() {
        let mut cut = bytes(b".linux\0\0", &[1; 600]);
        assert_eq!(open(&cut).unwrap().cut_off_in().unwrap(), None);
        cut.truncate(0xb0 + 100);
        assert_eq!(open(&cut).unwrap().cut_off_in().unwrap(), Some(".linux"));
    }

    proptest! {
        #[test]
        fn hostile_programs_never_panic(at in 0_usize..0xb0, with: u8, cut in 0_usize..0x200) {
            let mut bytes = bytes(b".cmdline", b"quiet");
            bytes[at] = with;
            bytes.truncate(cut);
            if let Ok(program) = open(&bytes) {
                let _ = (program.text(".cmdline"), program.cut_off_in());
            }
        }
    }
}
