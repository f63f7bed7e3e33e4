//! What is not armed, and what is left alone.

use super::*;

#[test]
fn what_is_not_an_image_is_refused_before_anything_changes() {
    let machine = Machine::new(true);
    machine.image("imp_4+0-0.efi", 4);
    machine.image("imp_4+0-1.efi", 4);
    fs::write(machine.kernel("imp_5+0-0.efi"), b"MZ, and no more").unwrap();
    fs::write(machine.kernel("imp_6+0-0.efi"), uki(6, b"")).unwrap();
    let whole = uki(7, b"kernel");
    fs::write(machine.kernel("imp_7+0-0.efi"), &whole[..whole.len() - 1]).unwrap();
    let before = machine.files();
    for (name, words) in [
        ("imp_1.efi", "'imp_1.efi' is the running image"),
        ("imp_4.efi", "exists twice, as imp_4+0-"),
        ("imp_5.efi", "is not a unified kernel"),
        ("imp_6.efi", "holds no kernel"),
        ("imp_7.efi", "is cut off in its section .initrd"),
        ("imp_8.efi", "is not in "),
    ] {
        let refused = machine.arm(name).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(machine.files(), before);
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
}

#[test]
fn a_directory_with_the_name_of_an_entry_takes_no_list_away() {
    let machine = Machine::new(true);
    for place in ["efi/EFI/Linux/x.efi", "efi/loader/entries/x.conf"] {
        fs::create_dir_all(machine.path(place)).unwrap();
    }
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
    let images = machine.backend().images().unwrap();
    assert!(images.iter().all(|image| image.name != self::image("x.efi")));
    machine.arm("imp_2.efi").unwrap();
}

#[test]
fn a_loader_that_cannot_is_not_armed() {
    type Injury = fn(&Machine);
    let injuries: [(Injury, &str); 6] = [
        (
            |m| fs::write(m.variable("LoaderFeatures"), [6, 0, 0, 0, 1]).unwrap(),
            "does not support one-shot",
        ),
        (
            |m| fs::remove_file(m.variable("LoaderDevicePartUUID")).unwrap(),
            "which partition",
        ),
        (
            |m| fs::rename(m.path("efi"), m.path("elsewhere")).unwrap(),
            "is not mounted on",
        ),
        (|m| m.set("LoaderEntryDefault", "@saved"), "@saved"),
        (|m| m.set("LoaderEntryPreferred", "imp_1.efi"), "preferred"),
        (
            |m| fs::remove_file(m.path("usr/lib/systemd/systemd-bless-boot")).unwrap(),
            "not installed",
        ),
    ];
    for (injury, words) in injuries {
        let machine = Machine::new(true);
        injury(&machine);
        let proof = machine.backend().strategies()[0].proof.clone().unwrap_err();
        assert!(proof.contains(words), "{proof}");
        assert!(machine.arm("imp_2.efi").is_err());
        assert_eq!(machine.get("LoaderEntryOneShot"), None);
    }
}

#[test]
fn a_default_that_would_start_the_image_is_not_a_trial() {
    let machine = Machine::new(false);
    machine.set("LoaderEntryDefault", "imp_2.efi");
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(refused.contains("is what power-on starts"), "{refused}");
}

#[test]
fn images_too_alike_for_a_pattern_are_told_apart_or_refused() {
    let machine = Machine::new(true);
    machine.image("imp_2.0.efi", 1);
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(refused.contains("too similar to imp_2.0.efi"), "{refused}");
    assert_eq!(machine.get("LoaderEntryOneShot"), None);
}

#[test]
fn an_operators_one_shot_is_left_alone() {
    let machine = Machine::new(true);
    machine.set("LoaderEntryOneShot", "imp_1.efi");
    machine.backend().clear().unwrap();
    assert_eq!(machine.get("LoaderEntryOneShot").as_deref(), Some("imp_1.efi"));
}

#[test]
fn a_foreign_entry_in_another_encoding_hides_nothing() {
    let machine = Machine::new(true);
    fs::create_dir_all(machine.path("efi/loader/entries")).unwrap();
    fs::write(
        machine.path("efi/loader/entries/memtest.conf"),
        b"title Speichertest f\xfcr alle\nsort-key zz\nefi /memtest.efi\n",
    )
    .unwrap();
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
}

#[test]
fn an_entry_that_somebody_else_asked_for_is_not_taken() {
    let machine = Machine::new(true);
    machine.set("LoaderEntryOneShot", "auto-reboot-to-firmware-setup");
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(
        refused.contains("'auto-reboot-to-firmware-setup' once"),
        "{refused}"
    );
    let asked = || machine.get("LoaderEntryOneShot").unwrap();
    assert_eq!(asked(), "auto-reboot-to-firmware-setup");
    assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-0.efi"]);
    machine.set("LoaderEntryOneShot", "");
    fs::remove_file(machine.variable("LoaderEntryOneShot")).unwrap();
    machine.arm("imp_2.efi").unwrap();
    // And written over afterwards it is not the image's fault.
    machine.set("LoaderEntryOneShot", "memtest.conf");
    machine.runs("imp_1.efi", "imp_1.efi", Token::Absent(attempt("imp_2.efi")));
    let remark = machine.backend().remark(&attempt("imp_2.efi")).unwrap();
    assert!(remark.contains("'memtest.conf'"), "{remark}");
}

#[test]
fn a_reboot_that_is_none_tries_nothing() {
    let machine = Machine::new(true);
    fs::create_dir_all(machine.path("sys/kernel")).unwrap();
    fs::write(machine.path("sys/kernel/kexec_loaded"), "1\n").unwrap();
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(refused.contains("kexec -u"), "{refused}");
}

/// One that nobody can name, or an entry of something else, takes nothing away from the others.
#[test]
fn an_odd_entry_hides_nothing() {
    let machine = Machine::new(false);
    for odd in [
        "Kernel (old)+3-0.efi",
        "ünnamed.efi",
        "imp_0.9~rc1^2+2.efi",
        ".efi",
    ] {
        fs::write(machine.kernel(odd), uki(0, b"kernel")).unwrap();
    }
    machine.set("LoaderEntrySelected", "auto-windows");
    let images = machine.backend().images().unwrap();
    let names: Vec<&str> = images.iter().map(|image| image.name.as_ref()).collect();
    assert_eq!(names, ["imp_0.9~rc1^2.efi", "imp_1.efi", "imp_2.efi"]);
}
