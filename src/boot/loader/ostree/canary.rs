//! `imp-canary.env`: the proof that GRUB reads our lines and can write. Each boot leaves a word, GRUB copies it at the next
//! one, and that boot sees the copy.

use super::block::{self, Values};
use super::token::of_file;
use crate::boot::loader::BackendError;
use crate::host::file;
use crate::types::BootId;
use std::fs;
use std::path::{Path, PathBuf};

/// Our lines for GRUB, as they are shipped.
const LINES: &str = include_str!("../../../../units/grub/custom.cfg");
/// Where the package puts them.
const SHIPPED: &str = "/usr/lib/imp/grub/custom.cfg";

/// The two files in the directory of GRUB's configuration.
#[derive(Debug, Clone)]
pub struct Canary {
    custom: PathBuf,
    file: PathBuf,
}

impl Canary {
    /// Those in this directory.
    pub fn in_dir(dir: &Path) -> Self {
        Self {
            custom: dir.join("custom.cfg"),
            file: dir.join("imp-canary.env"),
        }
    }

    /// How GRUB was seen to do it at the start of this boot, or why it was not.
    pub fn proof(&self, boot: &BootId) -> Result<String, String> {
        let custom = self.custom.display();
        if !self.is_installed() {
            return Err(format!(
                "{custom} does not have the lines of {SHIPPED}: add them and reboot once"
            ));
        }
        let values = self.values();
        if values
            .get("imp_proved")
            .is_some_and(|proved| proved == boot.as_ref())
        {
            return Ok(format!(
                "GRUB read {custom} and wrote its environment at the start of this boot"
            ));
        }
        match values.get("imp_nonce") {
            Some(nonce) if nonce == boot.as_ref() => Err(format!(
                "GRUB did not copy the word that was left for it: either this is the first boot with {custom}, then reboot \
                 once, or GRUB cannot write to its file system (RAID, LVM, btrfs)"
            )),
            _ => Err("'imp-boot classify' has not asked GRUB at this boot".to_owned()),
        }
    }

    /// What GRUB did at this boot is on record, and the word for the next one is there. Nothing where our lines are not.
    pub fn renew(&self, boot: &BootId) -> Result<(), BackendError> {
        let values = self.values();
        let nonce = values.get("imp_nonce").cloned().unwrap_or_default();
        if !self.is_installed() || nonce == boot.as_ref() {
            return Ok(());
        }
        let copied = !nonce.is_empty() && values.get("imp_echo") == Some(&nonce);
        let next: Values = [
            ("imp_nonce", boot.as_ref()),
            ("imp_echo", "none"),
            ("imp_proved", if copied { boot.as_ref() } else { "no" }),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        // Three words of a UUID's length at most: they always fit.
        let block = block::write(&next).ok_or_else(|| BackendError::NotRead("imp-canary.env".to_owned()))?;
        file::write(&self.file, &block, 0o644)
            .map(drop)
            .map_err(|error| of_file(&self.file, error))
    }

    fn is_installed(&self) -> bool {
        fs::read_to_string(&self.custom).is_ok_and(|text| text.contains(LINES))
    }

    fn values(&self) -> Values {
        let bytes = fs::read(&self.file).unwrap_or_default();
        block::read(&bytes).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn boot(digit: char) -> BootId {
        format!("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f{digit}")
            .parse()
            .unwrap()
    }

    /// What `custom.cfg` does at a boot.
    fn grub(canary: &Canary) {
        let mut values = canary.values();
        let nonce = values["imp_nonce"].clone();
        values.insert("imp_echo".to_owned(), nonce);
        fs::write(&canary.file, block::write(&values).unwrap()).unwrap();
    }

    #[test]
    fn only_a_copy_made_at_this_boot_is_a_proof() {
        let dir = tempfile::tempdir().unwrap();
        let canary = Canary::in_dir(dir.path());
        assert!(
            canary
                .proof(&boot('1'))
                .unwrap_err()
                .contains("add them and reboot once")
        );
        canary.renew(&boot('1')).unwrap();
        assert!(!canary.file.exists());

        fs::write(&canary.custom, format!("# of the operator\n{LINES}")).unwrap();
        assert!(canary.proof(&boot('1')).unwrap_err().contains("has not asked"));
        canary.renew(&boot('1')).unwrap();
        assert!(canary.proof(&boot('1')).unwrap_err().contains("did not copy"));

        grub(&canary);
        canary.renew(&boot('2')).unwrap();
        canary.proof(&boot('2')).unwrap();
        // A second look in the same boot, and GRUB that falls silent at the next.
        canary.renew(&boot('2')).unwrap();
        canary.proof(&boot('2')).unwrap();
        canary.renew(&boot('3')).unwrap();
        assert!(canary.proof(&boot('3')).unwrap_err().contains("did not copy"));
    }
}
