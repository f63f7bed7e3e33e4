//! Debian's kexec-tools: unless it is told not to, a reboot starts the kernel that runs again, past firmware and ZFSBootMenu.

use crate::boot::loader::BackendError;
use crate::types::Root;
use std::fs;
use std::path::PathBuf;

/// A shell reads these in order (`/etc/init.d/kexec-load`): what is set last counts.
const SETTINGS: &str = "etc/default/kexec";
const MORE: &str = "etc/default/kexec.d";

/// The next reboot goes through whatever power-on goes through.
pub fn stays_out_of_reboots(root: &Root) -> Result<(), BackendError> {
    let entries = fs::read_dir(root.join(MORE)).into_iter().flatten().flatten();
    let mut more: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    more.sort();
    let mut takes = None;
    for file in [vec![root.join(SETTINGS)], more].concat() {
        let text = fs::read_to_string(file).unwrap_or_default();
        let mut lines = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("LOAD_KEXEC="));
        takes = lines
            .next_back()
            .map(|value| value.trim_matches(['"', '\'']) == "true")
            .or(takes);
    }
    if takes == Some(true) {
        return Err(BackendError::Incapable(
            "a reboot goes by kexec and never reaches ZFSBootMenu: set LOAD_KEXEC=false in /etc/default/kexec".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_last_counts() {
        let tree = tempfile::tempdir().unwrap();
        let root = Root::new(tree.path());
        fs::create_dir_all(root.join(MORE)).unwrap();
        let with = |main: &str, more: &str| {
            fs::write(root.join(SETTINGS), main).unwrap();
            fs::write(root.join(MORE).join("local"), more).unwrap();
            stays_out_of_reboots(&root).is_ok()
        };
        assert!(with("", ""));
        assert!(!with("# Defaults\nLOAD_KEXEC=true\nAPPEND=\"\"\n", ""));
        assert!(!with("LOAD_KEXEC=false\n", "LOAD_KEXEC=\"true\"\n"));
        assert!(with("LOAD_KEXEC=true\n", "LOAD_KEXEC=false\n"));
    }
}
