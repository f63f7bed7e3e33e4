//! The machine itself: what these tests stand on.

use super::machine::Guest;

const A: &str = "tank/ROOT/a";
const B: &str = "tank/ROOT/b";

/// `bootfs` decides what comes up, also after a power cut right behind the command.
#[test]
fn bootfs_decides() {
    let Some(mut guest) = Guest::new("bootfs_decides") else {
        return;
    };
    let mut a = guest.boot(A);
    a.sh(&format!("zpool set bootfs={B} tank"));
    a.cut();
    let mut b = guest.boot(B);
    assert_eq!(b.sh("zpool get -H -o value bootfs tank"), B);
    assert_eq!(b.sh("zpool list -H -o health tank"), "ONLINE");
    b.sh(&format!("zpool set bootfs={A} tank"));
    b.reboot();
    guest.boot(A).cut();
}

/// A steady boot is found good; after a power cut the same image is, at the first attempt.
#[test]
fn steady_is_good() {
    let Some((mut guest, a)) = Guest::running("steady_is_good") else {
        return;
    };
    a.cut();
    let (mut a, came) = guest.settle();
    assert_eq!(came, [A]);
    let status = a.sh("impctl boot status");
    assert!(
        status.contains("tank/ROOT/a runs: a steady boot, good"),
        "{status}"
    );
}
