//! Who is at the keyboard.

use nix::unistd::{Uid, User};
use std::fs;

/// What `/proc/self/loginuid` says where nobody has logged in: a service.
const NOBODY: u32 = u32::MAX;

/// Whether this process has root's user ID.
pub fn is_root() -> bool {
    Uid::effective().is_root()
}

/// The name of the login that leads to this process: the audit system's, which `sudo` and `su` leave alone; else the one before
/// `sudo`; else the user of this process. `None` where no name is known.
pub fn name() -> Option<String> {
    let audited = fs::read_to_string("/proc/self/loginuid").ok();
    let audited = audited.and_then(|text| text.trim().parse::<u32>().ok());
    let audited = audited.filter(|uid| *uid != NOBODY).map(Uid::from_raw);
    let before_sudo = || std::env::var("SUDO_USER").ok().filter(|name| is_a_name(name));
    audited
        .and_then(of)
        .or_else(before_sudo)
        .or_else(|| of(Uid::current()))
}

/// The editor of whoever is at the keyboard, with its words: `VISUAL`, else `EDITOR`, else what Debian calls `editor`.
pub fn editor() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = ["VISUAL", "EDITOR"].iter().find_map(set);
    editor.unwrap_or_else(|| "editor".to_owned())
}

fn of(uid: Uid) -> Option<String> {
    User::from_uid(uid).ok().flatten().map(|user| user.name)
}

/// It comes from the environment, and is shown in a table.
fn is_a_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    (1..=64).contains(&text.chars().count()) && text.chars().all(plain)
}
