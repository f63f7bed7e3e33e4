//! Unified kernel images: PE programs that hold a kernel, an initramfs and an os-release in sections (UAPI.5).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// More than any os-release is.
const TEXT: u32 = 64 * 1024;
/// The PE format allows 96.
const SECTIONS: u16 = 96;

/// The sections of an image, by name and place in the file.
#[derive(Debug)]
pub struct Uki {
    file: File,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    name: String,
    size: u32,
    at: u32,
}

impl Uki {
    /// The sections of a file; an error for what is no PE program.
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let [at, ..] = words::<1>(&file, 0x3c)?;
        let at = u64::from(at);
        if array::<2>(&file, 0)? != *b"MZ" || array::<4>(&file, at)? != *b"PE\0\0" {
            return Err(io::Error::other("it is no EFI program"));
        }
        let count = u16::from_le_bytes(array(&file, at + 6)?);
        if count > SECTIONS {
            return Err(io::Error::other(format!("it claims {count} sections")));
        }
        let optional = u16::from_le_bytes(array(&file, at + 20)?);
        let table = at + 24 + u64::from(optional);
        let sections = (0..u64::from(count))
            .map(|number| Section::read(&file, table + number * 40))
            .collect::<io::Result<_>>()?;
        Ok(Self { file, sections })
    }

    /// What is missing for a start: a kernel, an initramfs, or the end of the file.
    pub fn problem(&self) -> io::Result<Option<String>> {
        for (name, what) in [
            (".linux", "kernel"),
            (".initrd", "initramfs"),
            (".osrel", "os-release"),
        ] {
            if self.section(name).is_none_or(|section| section.size == 0) {
                return Ok(Some(format!("holds no {what}")));
            }
        }
        let length = self.file.metadata()?.len();
        let cut = |section: &&Section| u64::from(section.at) + u64::from(section.size) > length;
        Ok(self
            .sections
            .iter()
            .find(cut)
            .map(|section| format!("is cut off in its section {}", section.name)))
    }

    /// A value of the os-release it holds.
    pub fn os_release(&self) -> io::Result<String> {
        let Some(section) = self.section(".osrel") else {
            return Ok(String::new());
        };
        let mut bytes = vec![0; section.size.min(TEXT) as usize];
        self.file.read_exact_at(&mut bytes, u64::from(section.at))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl Section {
    fn read(file: &File, at: u64) -> io::Result<Self> {
        let name = array::<8>(file, at)?;
        let [in_memory, _, in_file, place] = words::<4>(file, at + 8)?;
        Ok(Self {
            name: String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned(),
            // The rest is padding, or is not in the file.
            size: in_memory.min(in_file),
            at: place,
        })
    }
}

/// The first of these keys that an os-release has.
pub fn value(os_release: &str, keys: &[&str]) -> Option<String> {
    let of = |key: &&str| {
        os_release
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .filter(|(found, _)| found == key)
            .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
            .next_back()
    };
    keys.iter().find_map(of).filter(|value| !value.is_empty())
}

fn array<const N: usize>(file: &File, at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

fn words<const N: usize>(file: &File, at: u64) -> io::Result<[u32; N]> {
    let mut words = [0; N];
    for (number, word) in words.iter_mut().enumerate() {
        *word = u32::from_le_bytes(array(file, at + 4 * number as u64)?);
    }
    Ok(words)
}
