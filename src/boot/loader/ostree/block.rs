//! GRUB's environment block: a file of exactly 1024 bytes with `name=value` lines, which the loader writes where it lies
//! (GRUB manual, "The GRUB environment block"; `grub-core/lib/envblk.c`).

use std::collections::BTreeMap;

const LENGTH: usize = 1024;
const HEAD: &str = "# GRUB Environment Block\n";
/// What a disk writes whole. Values stand in the first one, so that a block written over in place is the old or the new.
const SECTOR: usize = 512;

/// Values by name. Names and values are words of letters, digits, `/._:+-`: nothing GRUB would have to escape.
pub type Values = BTreeMap<String, String>;

/// The block with these values; `None` when they do not fit into one sector or would need escapes.
pub fn write(values: &Values) -> Option<[u8; LENGTH]> {
    let plain = |text: &String| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/._:+-_".contains(&b))
    };
    let mut text = HEAD.to_owned();
    for (name, value) in values {
        if !plain(name) || !plain(value) {
            return None;
        }
        text.push_str(&format!("{name}={value}\n"));
    }
    if text.len() > SECTOR {
        return None;
    }
    let mut block = [b'#'; LENGTH];
    block[..text.len()].copy_from_slice(text.as_bytes());
    Some(block)
}

/// The values of a block; `None` for what GRUB would not take either. It takes one that was cut, as far as that goes.
pub fn read(bytes: &[u8]) -> Option<Values> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix(HEAD)?;
    let lines = text.lines().take_while(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn a_block_is_what_grub_editenv_makes() {
        let block = write(&values(&[("imp_token", "armed")])).unwrap();
        assert_eq!(block.len(), 1024);
        assert!(block.starts_with(b"# GRUB Environment Block\nimp_token=armed\n###"));
        assert_eq!(read(&block).unwrap(), values(&[("imp_token", "armed")]));
        assert_eq!(read(&write(&Values::new()).unwrap()).unwrap(), Values::new());
    }

    #[test]
    fn a_torn_block_has_no_values() {
        let block = write(&values(&[("a", "b")])).unwrap();
        assert_eq!(read(&block[..100]), read(&block));
        assert!(read(&[0; 1024]).is_none());
        assert!(read(b"").is_none());
        let mut torn = block;
        torn[25..40].fill(b'x');
        assert!(read(&torn).is_none());
    }

    #[test]
    fn what_does_not_fit_into_a_sector_is_refused() {
        assert!(write(&values(&[("a", &"x".repeat(480))])).is_some());
        assert!(write(&values(&[("a", &"x".repeat(490))])).is_none());
        assert!(write(&values(&[("a", "x\ny")])).is_none());
    }
}
