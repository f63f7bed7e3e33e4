//! A password of GRUB's: the way back must not wait for somebody who types it. GRUB asks for it only at entries that have users
//! (GRUB manual, "Authentication and authorisation"), and ostree gives such to every entry but the default where it is told to.

use crate::host::file;
use std::fs;
use std::path::{Path, PathBuf};

/// What GRUB reads once users are asked for.
const USERS: &str = "superusers";
/// The password of grub2-setpassword(8), in `user.cfg`: Fedora's configuration sets users only where that has one.
const OF_USER_CFG: &str = "GRUB2_PASSWORD";
/// In an entry of its own, or in what ostree appends to every entry but the default (ostree.repo-config(5)).
const OF_ENTRY: &str = "grub_users";
const APPENDED: &str = "bls-append-except-default";

/// Why the entry that GRUB goes back to would wait for a user's name; `None` where it starts by itself.
pub fn waits_for_a_user(root: &Path, grub: &Path) -> Option<String> {
    let with_password = configured(grub)?;
    let restricted = appended(root)
        .or_else(|| restricted_entry(root))
        .or_else(|| locked_menu(root, grub))?;
    Some(format!(
        "GRUB has a password ({}), and {restricted}: the way back would wait for somebody at the console; entries that start \
         without it have no users",
        with_password.display()
    ))
}

/// The file that sets a password.
fn configured(grub: &Path) -> Option<PathBuf> {
    let mut files = file::list(grub).unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cfg"));
    files.sort();
    let user_cfg = grub.join("user.cfg");
    let has_own = lines(&user_cfg).iter().any(|line| line.starts_with(OF_USER_CFG));
    files.into_iter().find(|file| {
        let lines = lines(file);
        let sets = lines
            .iter()
            .any(|line| line.contains(USERS) && line.starts_with("set "));
        let guarded = lines.iter().any(|line| line.contains(OF_USER_CFG));
        sets && (!guarded || has_own)
    })
}

/// What ostree writes into the entry of the image that runs, as soon as another one is on top.
fn appended(root: &Path) -> Option<String> {
    let config = root.join("ostree/repo/config");
    let found = lines(&config)
        .into_iter()
        .find(|line| line.starts_with(APPENDED) && line.contains(OF_ENTRY))?;
    Some(format!(
        "ostree's configuration locks every entry but the default ('{found}')"
    ))
}

fn restricted_entry(root: &Path) -> Option<String> {
    let mut entries = file::list(&root.join("boot/loader/entries")).unwrap_or_default();
    let of_ostree = |entry: &PathBuf| {
        entry
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"ostree-"))
    };
    entries.retain(of_ostree);
    entries.sort();
    let key = |line: &String| line.split_whitespace().next() == Some(OF_ENTRY);
    let found = entries.into_iter().find(|entry| lines(entry).iter().any(key))?;
    Some(format!("{} is for users alone ({OF_ENTRY})", found.display()))
}

/// Where the menu is written out, an entry without a word is for users alone.
fn locked_menu(root: &Path, grub: &Path) -> Option<String> {
    let menu = grub.join("grub.cfg");
    let locked = |line: &String| {
        line.starts_with("menuentry ") && line.contains("ostree") && !line.contains("--unrestricted")
    };
    let written_out = !root.join("boot/loader/entries").is_dir()
        || lines(&menu).iter().any(|line| line.starts_with("menuentry "));
    let found = written_out && lines(&menu).iter().any(locked);
    found.then(|| format!("an entry of {} is not '--unrestricted'", menu.display()))
}

/// The lines of a file without what stands in front of and behind them, and without comments; none of a missing file.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const USERS_SET: &str = "set superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.AA.BB\n";
    /// As grub2-mkconfig writes it on Fedora.
    const GUARDED: &str = "if [ -f ${prefix}/user.cfg ]; then\n  source ${prefix}/user.cfg\n  if [ -n \"${GRUB2_PASSWORD}\" ]; then\n\
                           \tset superusers=\"root\"\n\texport superusers\n  fi\nfi\nblscfg\n";

    fn waits(files: &[(&str, &str)]) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in [("boot/grub2/grub.cfg", "blscfg\n")].iter().chain(files) {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        waits_for_a_user(dir.path(), &dir.path().join("boot/grub2"))
    }

    #[test]
    fn entries_for_users_wait_only_where_there_is_a_password() {
        let user_cfg = ("boot/grub2/user.cfg", USERS_SET);
        let locked = ("boot/loader/entries/ostree-1.conf", "title a\ngrub_users \"\"\n");
        let free = (
            "boot/loader/entries/ostree-1.conf",
            "title a\noptions grub_users\n",
        );
        assert_eq!(waits(&[locked]), None);
        assert_eq!(waits(&[user_cfg, free]), None);
        let said = waits(&[user_cfg, locked]).unwrap();
        assert!(
            said.contains("user.cfg") && said.contains("ostree-1.conf"),
            "{said}"
        );
    }

    #[test]
    fn what_ostree_will_write_counts_as_written() {
        let config = "[core]\nmode=bare\n[sysroot]\nbls-append-except-default=grub_users=\"\"\n";
        let told = ("ostree/repo/config", config);
        assert_eq!(waits(&[told]), None);
        let said = waits(&[told, ("boot/grub2/user.cfg", USERS_SET)]).unwrap();
        assert!(said.contains("every entry but the default"), "{said}");
    }

    #[test]
    fn fedoras_own_lines_are_no_password_until_there_is_one() {
        let locked = ("boot/loader/entries/ostree-1.conf", "grub_users $grub_users\n");
        let guarded = ("boot/grub2/grub.cfg", GUARDED);
        assert_eq!(waits(&[guarded, locked]), None);
        let user_cfg = (
            "boot/grub2/user.cfg",
            "GRUB2_PASSWORD=grub.pbkdf2.sha512.10000.AA.BB\n",
        );
        assert!(waits(&[guarded, locked, user_cfg]).is_some());
    }

    #[test]
    fn a_menu_that_is_written_out_says_which_entries_are_free() {
        for (words, is_locked) in [("", true), ("--unrestricted ", false)] {
            let menu =
                format!("{USERS_SET}menuentry 'Debian (ostree:1)' --class gnu {words}'ostree-1' {{\n}}\n");
            assert_eq!(
                waits(&[("boot/grub2/grub.cfg", &menu)]).is_some(),
                is_locked,
                "{menu}"
            );
        }
    }
}
