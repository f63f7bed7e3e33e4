//! The command line inside an EFI program: the section `.cmdline` of a PE file (systemd-stub(7)). An entry's own options
//! replace it, so a second entry has to repeat it.

/// More sections than any such program has.
const SECTIONS: usize = 96;

/// The text of the section; empty when there is none, `None` when these bytes are no such program.
pub fn command_line(program: &[u8]) -> Option<String> {
    let at = usize::try_from(number(program, 0x3c, 4)?).ok()?;
    if program.get(..2)? != b"MZ" || program.get(at..)?.get(..4)? != b"PE\0\0" {
        return None;
    }
    let sections = usize::try_from(number(program, at + 6, 2)?).ok()?.min(SECTIONS);
    let optional_header = usize::try_from(number(program, at + 20, 2)?).ok()?;
    let table = at + 24 + optional_header;
    for section in 0..sections {
        let header = program.get(table + section * 40..)?.get(..40)?;
        if header.starts_with(b".cmdline") {
            let size = number(header, 8, 4)?.min(number(header, 16, 4)?);
            let (start, size) = (
                usize::try_from(number(header, 20, 4)?).ok()?,
                usize::try_from(size).ok()?,
            );
            let text = String::from_utf8_lossy(program.get(start..)?.get(..size)?);
            return Some(text.trim_matches(['\0', ' ', '\n']).to_owned());
        }
    }
    Some(String::new())
}

/// Little endian, of so many bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.get(..length)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A program with one section before the one that is looked for.
    fn program(name: &[u8; 8], text: &[u8]) -> Vec<u8> {
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

    #[test]
    fn the_section_is_found_by_its_name() {
        let with = program(b".cmdline", b"zbm.timeout=3 loglevel=0\n\0");
        assert_eq!(command_line(&with).unwrap(), "zbm.timeout=3 loglevel=0");
        assert_eq!(
            command_line(&program(b".linux\0\0", b"x")).unwrap(),
            "",
            "none inside"
        );
        assert_eq!(command_line(b"#!/bin/sh"), None);
    }

    proptest! {
        #[test]
        fn hostile_programs_never_panic(at in 0_usize..0xb0, with: u8, cut in 0_usize..0x200) {
            let mut bytes = program(b".cmdline", b"quiet");
            bytes[at] = with;
            bytes.truncate(cut);
            let _ = command_line(&bytes);
        }
    }
}
