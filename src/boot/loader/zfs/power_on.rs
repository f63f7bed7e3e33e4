//! What power-on starts on a machine with images in a pool: its `bootfs`, or what the boot loader names itself.

use crate::host::cmdline;
use crate::types::{DatasetName, Root};
use std::fs;

/// Of Linux on x86: who started the kernel, in the upper four bits (Documentation/arch/x86/boot.rst).
const STARTED_BY: &str = "proc/sys/kernel/bootloader_type";
const KEXEC: u32 = 0xd;

/// Nothing, where the pool's `bootfs` decides; else who decides in its stead.
///
/// ZFSBootMenu reads `bootfs` and names the image on the kernel's command line; so does our script. An initramfs reads it where
/// the command line names none (`root=zfs:AUTO`). Every other boot loader that names a dataset names it from its own
/// configuration.
pub fn decided_elsewhere(root: &Root) -> Option<String> {
    let line = cmdline::text(root);
    let image = named(&line)?;
    if line
        .split_whitespace()
        .any(|word| word.starts_with(crate::facts::boot::TRIAL))
    {
        return None;
    }
    let loader = if cmdline::value(&line, "BOOT_IMAGE").is_some() {
        "GRUB"
    } else if cmdline::value(&line, "initrd").is_some() || !was_started_by_kexec(root) {
        "the boot loader"
    } else {
        return None;
    };
    Some(format!(
        "{loader} names '{image}' itself (on the kernel's command line), so power-on starts that whatever is blessed: \
         start images with ZFSBootMenu, or with root=ZFS=AUTO"
    ))
}

/// The image that the command line names; `bootfs=` is a word of Debian's initramfs.
fn named(line: &str) -> Option<DatasetName> {
    ["root", "bootfs"]
        .iter()
        .find_map(|key| dataset(cmdline::value(line, key)?))
}

fn dataset(value: &str) -> Option<DatasetName> {
    let name = match value.get(..4) {
        Some(kind) if ["zfs:", "zfs="].contains(&kind.to_ascii_lowercase().as_str()) => &value[4..],
        _ => value,
    };
    let image: DatasetName = name.parse().ok()?;
    image.parent().is_some().then_some(image)
}

/// ZFSBootMenu starts every kernel by kexec. Where the kernel does not say who started it, it may have been that.
fn was_started_by_kexec(root: &Root) -> bool {
    let text = fs::read_to_string(root.join(STARTED_BY)).unwrap_or_default();
    text.trim().parse().map_or(true, |kind: u32| kind >> 4 == KEXEC)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_names_the_image_decides() {
        for (line, started_by, elsewhere) in [
            ("root=zfs:tank/ROOT/a spl_hostid=0x1", None, false),
            ("root=zfs:tank/ROOT/a spl_hostid=0x1", Some("208"), false),
            ("root=zfs:tank/ROOT/a", Some("114"), true),
            ("root=zfs:tank/ROOT/a initrd=\\initrd.img", None, true),
            ("BOOT_IMAGE=/BOOT/a@/vmlinuz root=ZFS=tank/ROOT/a ro", None, true),
            ("BOOT_IMAGE=/vmlinuz root=ZFS=AUTO ro", Some("114"), false),
            ("BOOT_IMAGE=/vmlinuz root=zfs:AUTO", None, false),
            ("BOOT_IMAGE=/vmlinuz root=zfs", None, false),
            ("BOOT_IMAGE=/vmlinuz root=/dev/zfs", None, false),
            ("BOOT_IMAGE=/vmlinuz root=tank/ROOT/a", None, true),
            ("BOOT_IMAGE=/vmlinuz root=zfs bootfs=tank/ROOT/a", None, true),
            ("BOOT_IMAGE=/vmlinuz quiet", None, false),
            // GRUB's line, kept by our script for the one attempt.
            ("root=ZFS=tank/ROOT/b imp.trial=0a1b2c3d4e5f", Some("114"), false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let root = Root::new(dir.path());
            fs::create_dir_all(root.join("proc/sys/kernel")).unwrap();
            fs::write(root.join("proc/cmdline"), line).unwrap();
            if let Some(kind) = started_by {
                fs::write(root.join(STARTED_BY), kind).unwrap();
            }
            assert_eq!(
                decided_elsewhere(&root).is_some(),
                elsewhere,
                "{line} {started_by:?}"
            );
        }
    }
}
