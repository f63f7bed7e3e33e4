//! Machines on which a bless, a token or a reset would not do what is promised.

use super::machine::{A, B, Machine, attempt};
use super::{image, strategy};
use imp::boot::loader::{self, Backend as _, BackendError};
use imp::boot::trial::classify::Token;
use serde_json::json;

#[test]
fn where_nothing_reads_the_default_no_image_is_tried_or_blessed() {
    let machine = Machine::new().with_script().with_firmware();
    machine.runs(
        A,
        "BOOT_IMAGE=/BOOT/debian@/vmlinuz root=ZFS=tank/ROOT/a ro quiet",
    );
    assert_eq!(strategy(&machine), None);
    for way in machine.zfs().strategies() {
        let reason = way.proof.unwrap_err();
        assert!(reason.contains("GRUB names 'tank/ROOT/a' itself"), "{reason}");
    }
    assert!(matches!(
        machine.zfs().prepare(&attempt()),
        Err(BackendError::Incapable(_))
    ));
    assert!(machine.zfs().set_default(&image(B)).is_err());
    assert_eq!(
        (machine.bootfs().as_str(), machine.changes().is_empty()),
        (A, true)
    );
    // Whatever the pool says, power-on starts what it started now.
    machine.change(|machine| machine["pools"]["tank"]["bootfs"] = json!(B));
    assert_eq!(machine.zfs().loader().unwrap().default, image(A));
    machine.runs(A, "BOOT_IMAGE=/vmlinuz root=ZFS=AUTO ro quiet");
    assert_eq!(machine.zfs().loader().unwrap().default, image(B));
    assert_eq!(strategy(&machine), Some("bootnext"));
}

#[test]
fn an_image_that_would_start_itself_again_is_refused() {
    let machine = Machine::new().with_script();
    machine.file("mnt/etc/default/kexec", b"LOAD_KEXEC=true\n");
    let refused = machine.zfs().check(&image(B)).unwrap_err().to_string();
    assert!(
        refused.contains("LOAD_KEXEC=false in its /etc/default/kexec"),
        "{refused}"
    );
    machine.file("mnt/etc/default/kexec", b"LOAD_KEXEC=false\n");
    machine.zfs().check(&image(B)).unwrap();
}

#[test]
fn a_script_that_took_nothing_says_why() {
    let machine = Machine::new().with_script();
    machine.zfs().prepare(&attempt()).unwrap();
    machine.zfs().arm(&attempt()).unwrap();
    assert_eq!(machine.token(), Token::Armed(attempt()));
    let said = || machine.zfs().remark(&attempt()).unwrap();
    assert!(said().contains("zpool upgrade"), "{}", said());
    machine.change(|machine| machine["pools"]["tank"]["state"] = json!("DEGRADED"));
    assert!(said().contains("'tank' is DEGRADED"), "{}", said());
    machine.file(
        "run/initramfs/imp-trial",
        b"the pool tank: cannot import\n\t'tank'\n",
    );
    assert!(
        said().ends_with("take its token: the pool tank: cannot import 'tank'"),
        "{}",
        said()
    );
}

#[test]
fn what_slash_lies_on_is_said() {
    let machine = Machine::new();
    for (mounts, words) in [
        (
            "25 1 0:22 / / rw - zfs tank rw\n",
            "the pool's own dataset 'tank'",
        ),
        ("25 1 0:22 / / rw - overlay overlay rw\n", "/ is an overlay"),
        ("25 1 254:1 / / rw - ext4 /dev/vda1 rw\n", "neither a ZFS dataset"),
    ] {
        machine.file("proc/self/mountinfo", mounts.as_bytes());
        let reason = loader::of_machine(&machine.root).strategies()[0]
            .proof
            .clone()
            .unwrap_err();
        assert!(reason.contains(words), "{reason}");
    }
}
