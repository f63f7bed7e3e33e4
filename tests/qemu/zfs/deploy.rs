//! `impctl boot deploy` with real streams on a real pool: what it makes, what it refuses, what is left when it is cut.

use super::machine::Guest;
use crate::qemu::boot::Boot;

const A: &str = "tank/ROOT/a";

/// A small file system with a kernel and an initramfs, as a stream in FILE; NAME is the dataset it is sent from.
const SMALL: &str = r#"
small() { # NAME FILE SIZE
	zfs create -o mountpoint=/run/$1 tank/$1
	mkdir -p /run/$1/boot /run/$1/usr/lib/imp
	cp /boot/vmlinuz-* /boot/initrd.img-* /run/$1/boot/
	echo 'version = "2"' >/run/$1/usr/lib/imp/image.toml
	[ -z "$3" ] || head -c $3 /dev/urandom >/run/$1/ballast
	zfs snapshot tank/$1@sent
	zfs send tank/$1@sent | zstd -q -1 -f -o $2
	zfs destroy -r tank/$1
}
"#;

/// Runs a deploy that must fail; returns what it said.
fn refused(boot: &mut Boot, words: &str) -> String {
    let (text, good) = boot.try_sh(&format!("impctl boot deploy {words} 2>&1")).unwrap();
    assert!(!good, "{words}\n{text}");
    text
}

fn datasets(boot: &mut Boot) -> String {
    boot.sh("zfs list -H -o name -r tank/ROOT | tr '\\n' ' '")
}

/// A file that is not a whole image is refused before anything is written; one that breaks on the way leaves nothing.
#[test]
fn only_a_whole_image_is_deployed() {
    let Some((_guest, mut a)) = Guest::running("only_a_whole_image_is_deployed") else {
        return;
    };
    let before = datasets(&mut a);
    a.sh(&format!("{SMALL} small one /tmp/one.zfs.zst"));
    a.sh("cd /tmp && echo text | zstd -q -o text.zfs.zst && head -c 1000000 one.zfs.zst >cut.zfs.zst && cp one.zfs.zst broken.zfs.zst && \
          printf 'XXXXXXXX' | dd of=broken.zfs.zst bs=1 seek=9000000 conv=notrunc status=none");
    for (words, reason) in [
        ("/tmp/none.zfs.zst", "No such file"),
        ("/tmp/text.zfs.zst", "is not a ZFS stream"),
        ("/tmp/cut.zfs.zst", "is not a complete zstd file"),
        ("tank/ROOT/none", "is not a filesystem below"),
        ("/tmp/one.zfs", "ends in .zfs.zst"),
    ] {
        let said = refused(&mut a, words);
        assert!(said.contains(reason), "{words}: {said}");
    }
    let said = refused(&mut a, "--no-arm /tmp/broken.zfs.zst");
    assert!(said.contains("nothing of tank/ROOT/broken remains"), "{said}");
    a.sh("zfs set quota=$(($(zfs get -Hp -o value used tank/ROOT) + 1048576)) tank/ROOT");
    let said = refused(&mut a, "--no-arm /tmp/one.zfs.zst");
    assert!(said.contains("MiB are free"), "{said}");
    a.sh("zfs set quota=none tank/ROOT");
    assert_eq!(datasets(&mut a), before);
    assert_eq!(a.sh("zpool get -H -o value bootfs tank"), A);
}

/// What is made is what a loader wants of an image; a second deploy of the same file changes nothing, another file is
/// refused the name.
#[test]
fn a_deployed_image_has_what_a_loader_wants() {
    let Some((_guest, mut a)) = Guest::running("a_deployed_image_has_what_a_loader_wants") else {
        return;
    };
    a.sh(&format!(
        "{SMALL} small one /tmp/imp-2.zfs.zst; small two /tmp/two.zfs.zst"
    ));
    a.sh("impctl boot deploy --no-arm /tmp/imp-2.zfs.zst 2>&1");
    let get = "zfs get -H -o value canmount,mountpoint,mounted,org.imp:deploy,org.zfsbootmenu:commandline tank/ROOT/imp-2";
    let properties = a.sh(get);
    let lines: Vec<&str> = properties.lines().collect();
    assert_eq!(&lines[..4], ["noauto", "/", "no", "-"], "{properties}");
    assert!(
        lines[4].contains("console=ttyS0") && lines[4].contains("panic=1"),
        "{properties}"
    );
    let again = a.sh("impctl boot deploy --no-arm /tmp/imp-2.zfs.zst 2>&1");
    assert!(again.contains("already holds this stream"), "{again}");
    a.sh("mv /tmp/two.zfs.zst /tmp/imp-2.zfs.zst");
    let said = refused(&mut a, "--no-arm /tmp/imp-2.zfs.zst");
    assert!(said.contains("exists and differs from the file"), "{said}");
    assert_eq!(a.sh("zpool get -H -o value bootfs tank"), A);
}

/// Cut by Ctrl-C, by SIGKILL or by the power: the default is what it was, and the next deploy goes through.
#[test]
fn a_cut_deploy_is_cleared() {
    let Some((mut guest, mut a)) = Guest::running("a_cut_deploy_is_cleared") else {
        return;
    };
    let before = datasets(&mut a);
    a.sh(&format!(
        "{SMALL} small one /persistent/data/one.zfs.zst 120000000"
    ));
    let deploy = "impctl boot deploy --no-arm /persistent/data/one.zfs.zst";
    let halfway = "until zfs list tank/ROOT/one >/dev/null 2>&1; do :; done";
    let (said, _) = a
        .try_sh(&format!(
            "({deploy} 2>&1; echo ended $?) & {halfway}; kill -INT $(pidof impctl); wait"
        ))
        .unwrap();
    assert!(
        said.contains("interrupted by SIGINT") && said.contains("ended 1"),
        "{said}"
    );
    assert_eq!(datasets(&mut a), before);

    a.sh(&format!("{deploy} >/dev/null 2>&1 & {halfway}; kill -KILL $(pidof impctl); while pidof zfs; do sleep 0.1; done"));
    assert_eq!(datasets(&mut a), before);

    a.sh(&format!("{deploy} >/dev/null 2>&1 & {halfway}"));
    a.cut();
    let (mut a, came) = guest.settle();
    assert_eq!(came, [A]);
    a.sh(&format!("{deploy} 2>&1"));
    // Killed behind the last byte, before it was through: known by its mark.
    a.sh("zfs set org.imp:deploy=unfinished tank/ROOT/one");
    let said = a.sh(&format!("{deploy} 2>&1"));
    assert!(said.contains("left over from an interrupted deploy"), "{said}");
    assert_eq!(a.sh("zpool get -H -o value bootfs tank"), A);
}

/// From a file to the default: received, armed, tried, blessed.
#[test]
fn a_file_becomes_the_default() {
    let Some((mut guest, mut a)) = Guest::running("a_file_becomes_the_default") else {
        return;
    };
    a.sh(
        "zfs snapshot tank/ROOT/b@sent; (zfs send tank/ROOT/b@sent | zstd -q -1 -o /persistent/data/part; \
          mv /persistent/data/part /persistent/data/imp-2.zfs.zst) </dev/null >/dev/null 2>&1 &",
    );
    a.until("the file is made", 240, "test -e /persistent/data/imp-2.zfs.zst")
        .unwrap();
    a.sh(
        "(impctl boot deploy /persistent/data/imp-2.zfs.zst; echo ended $?) </dev/null >/run/deployed 2>&1 &",
    );
    let said = a
        .until(
            "it is received",
            240,
            "grep -q ended /run/deployed && cat /run/deployed",
        )
        .unwrap();
    assert!(
        said.contains("tank/ROOT/imp-2 will be tried at the next boot, once"),
        "{said}"
    );
    assert!(said.contains("100 %") && said.contains("ended 0"), "{said}");
    a.reboot();
    let (mut new, came) = guest.settle();
    assert_eq!(came, ["tank/ROOT/imp-2"]);
    assert_eq!(new.sh("zpool get -H -o value bootfs tank"), "tank/ROOT/imp-2");
}
