//! Unified kernels: what one needs for a start, and what its os-release says (UAPI.5).

use crate::boot::trial::panic::{OnPanic, on_panic};
use crate::host::efi::Program;
use std::io;
use std::path::Path;

/// What is missing for a start: a kernel, an initramfs, or the end of the file.
pub fn problem(path: &Path) -> io::Result<Option<String>> {
    let program = Program::open(path)?;
    let parts = [
        (".linux", "kernel"),
        (".initrd", "initramfs"),
        (".osrel", "os-release"),
    ];
    if let Some((_, what)) = parts.iter().find(|(section, _)| !program.holds(section)) {
        return Ok(Some(format!("holds no {what}")));
    }
    let cut = program.cut_off_in()?;
    Ok(cut.map(|section| format!("is cut off in its section {section}")))
}

/// Whether the command line in it lets a panic wait for ever. One that does not say is left to `kernel.panic` of the image.
pub fn waits_in_a_panic(path: &Path) -> io::Result<bool> {
    let line = Program::open(path)?.text(".cmdline")?;
    Ok(on_panic(&line) == OnPanic::Waits)
}

/// Whether the boot loader makes several entries of it, whose ids end in `@` and a profile (systemd 257).
pub fn has_profiles(path: &Path) -> io::Result<bool> {
    Ok(Program::open(path)?.holds(".profile"))
}

/// The os-release in it.
pub fn os_release(path: &Path) -> io::Result<String> {
    Program::open(path)?.text(".osrel")
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
