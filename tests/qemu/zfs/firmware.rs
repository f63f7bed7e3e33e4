//! A trial by the firmware: `BootNext` names a second entry, which starts ZFSBootMenu with `zbm.prefer`. The firmware and its
//! flash are OVMF's; what its entries start is the test's loader.

use super::machine::Guest;
use super::trial::in_b;
use crate::qemu::boot::Boot;

const A: &str = "tank/ROOT/a";
const B: &str = "tank/ROOT/b";

/// The one entry that an operator makes; from then on the machine starts by it.
const SET_UP: &str = "set -e\nmkdir -p /boot/efi\necho '/dev/vdb1 /boot/efi vfat nofail 0 0' >>/etc/fstab\nmount /boot/efi\n\
     efibootmgr --quiet --create --disk /dev/vdb --part 1 --label ZFSBootMenu --loader '\\EFI\\zbm\\vmlinuz.efi'";

/// An image that cannot even start `imp-boot` is given up by systemd, by the word of the firmware; mended and armed again, it
/// becomes the default.
#[test]
fn the_firmware_gives_an_image_its_attempt() {
    let Some(mut guest) = Guest::with_firmware("firmware") else {
        return;
    };
    let mut a = guest.boot(A);
    assert!(a.concludes(), "{}", a.tail());
    a.sh(SET_UP);
    in_b(&mut a, "mv /mnt/usr/lib/imp/imp-boot /mnt/root/");
    let explained = a.sh("impctl boot arm --explain");
    assert!(explained.contains("\nbootnext: used\n"), "{explained}");
    arm(&mut a, "");
    a.cut();

    let (mut a, came) = guest.settle();
    // It may take commands for a moment.
    assert!(came == ["-", A] || came == [B, A], "{came:?}\n{}", a.tail());
    let (why, _) = a.try_sh("impctl why").unwrap();
    assert!(why.contains("/usr/lib/imp/imp-boot cannot be opened"), "{why}");
    starts_by_menu(&mut a, A);

    in_b(&mut a, "mv /mnt/root/imp-boot /mnt/usr/lib/imp/");
    arm(&mut a, "--force");
    a.cut();
    let (mut b, came) = guest.settle();
    assert_eq!(came, [B], "{}", b.tail());
    starts_by_menu(&mut b, B);
    b.reboot();

    let mut b = guest.comes_to(&[B]);
    // Not healthy yet.
    let (status, _) = b.try_sh("impctl boot status").unwrap();
    assert!(status.contains("tank/ROOT/b runs: a steady boot"), "{status}");
}

fn arm(a: &mut Boot, how: &str) {
    let arm = format!("impctl boot arm {B} {how}");
    a.until("armed", 120, &arm).unwrap();
    let entries = a.sh("efibootmgr");
    assert!(
        entries.contains("BootNext: ") && entries.contains("IMP trial "),
        "{entries}"
    );
}

/// Nothing of a trial is left in the firmware, and what power-on starts is this.
fn starts_by_menu(boot: &mut Boot, image: &str) {
    assert_eq!(boot.sh("zpool get -H -o value bootfs tank"), image);
    let entries = boot.sh("efibootmgr");
    assert!(
        !entries.contains("BootNext: ") && !entries.contains("IMP trial "),
        "{entries}"
    );
    let first = boot.sh("efibootmgr | sed -n 's/^BootOrder: \\([^,]*\\).*/\\1/p'");
    assert!(
        entries.contains(&format!("Boot{first}* ZFSBootMenu")),
        "{entries}"
    );
}
