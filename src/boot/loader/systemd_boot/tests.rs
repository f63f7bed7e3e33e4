#![allow(clippy::unwrap_used)]
use super::*;
use crate::host::efi::program_with_section;
use proptest::prelude::*;
use std::cmp::Ordering;

fn entry(file: &str) -> EntryName {
    EntryName::parse(file).unwrap()
}

#[test]
fn a_counter_is_the_last_thing_in_a_name() {
    for (file, image, left, done) in [
        ("imp_2+0-1.efi", "imp_2.efi", 0, 1),
        ("imp_2+3.efi", "imp_2.efi", 3, 0),
        ("a+b+4-0.conf", "a+b.conf", 4, 0),
    ] {
        let name = entry(file);
        assert_eq!(name.image(), image);
        assert_eq!(name.counter().unwrap(), Counter { left, done });
    }
    for file in [
        "imp_2.efi",
        "6.1+deb13.efi",
        "a+1-2-3.efi",
        "a+-1.efi",
        "+1-0.efi",
        "a+1-.efi",
    ] {
        let name = entry(file);
        assert_eq!(name.counter(), None, "{file}");
        assert_eq!(name.to_string(), file);
    }
    assert!(EntryName::parse("imp.efi.tmp").is_none());
    assert!(EntryName::parse(".efi").is_none());
}

#[test]
fn the_one_shot_pattern_is_one_image_in_either_form_of_its_id() {
    let pattern = entry("imp_2+0-0.efi").pattern();
    for id in ["imp_2.efi", "imp_2+0-0.efi", "imp_2+0-1.efi", "IMP_2.EFI"] {
        assert!(pattern::matches(&pattern, id), "{id}");
    }
    for id in [
        "imp_20.efi",
        "imp_20+0-0.efi",
        "imp_2.1.efi",
        "imp_2-drill.efi",
        "imp_2+1-0.efi",
        "xmp_2.efi",
    ] {
        assert!(!pattern::matches(&pattern, id), "{id}");
    }
}

#[test]
fn patterns_are_those_of_a_shell() {
    for (pattern, id, fits) in [
        ("*", "", true),
        ("imp_*", "IMP_2.efi", true),
        ("imp_?.efi", "imp_2.efi", true),
        ("imp_[0-3].efi", "imp_2.efi", true),
        ("imp_[0-1].efi", "imp_2.efi", false),
        ("imp_[]x].efi", "imp_].efi", true),
        ("imp_[2.efi", "imp_2.efi", false),
        ("a\\*", "a*", true),
        ("", "a", false),
    ] {
        assert_eq!(pattern::matches(pattern, id), fits, "{pattern} {id}");
    }
}

/// From the specification's own examples, and what `systemd-analyze compare-versions` of 252 says.
#[test]
fn versions_are_ordered_as_the_boot_loader_orders_them() {
    for (older, newer) in [
        ("1", "2"),
        ("1.9", "1.10"),
        ("11α", "12"),
        ("123~rc1", "123"),
        ("123", "123-1"),
        ("123", "123.1"),
        ("122.1", "123~rc1-1"),
        ("123~rc1", "123~rc1-1"),
        ("123~rc1-1", "123"),
        ("123.a-1", "123.1-1"),
        ("123.1-1", "123a-1"),
        ("123a-1", "124-1"),
        ("", "0"),
        ("1.0", "1.0a"),
        ("a", "b"),
        ("a", "1"),
        ("1-1", "1^1"),
        ("1^1", "1.1"),
    ] {
        assert_eq!(
            order::versions(older.as_bytes(), newer.as_bytes()),
            Ordering::Less,
            "{older} {newer}"
        );
        assert_eq!(
            order::versions(newer.as_bytes(), older.as_bytes()),
            Ordering::Greater
        );
    }
    assert_eq!(order::versions(b"1.01", b"1.1"), Ordering::Equal);
    assert_eq!(order::versions(b"1_a", b"1 a"), Ordering::Equal);
}

#[test]
fn what_used_up_its_attempts_is_last_then_the_newest_is_first() {
    let make = |file: &str, sort_key: Option<&str>, version: Option<&str>| Entry {
        name: entry(file),
        sort_key: sort_key.map(str::to_owned),
        machine_id: None,
        version: version.map(str::to_owned),
    };
    let mut entries = [
        make("new+0-0.efi", Some("imp"), Some("9")),
        make("z.conf", None, None),
        make("b.efi", Some("imp"), Some("1.9")),
        make("a.efi", Some("imp"), Some("1.10")),
        make("c+2-1.efi", Some("imp"), Some("1.10")),
        make("other.efi", Some("other"), Some("99")),
    ];
    entries.sort_by(Entry::compare);
    let order: Vec<String> = entries.iter().map(|entry| entry.name.to_string()).collect();
    assert_eq!(
        order,
        [
            "c+2-1.efi",
            "a.efi",
            "b.efi",
            "other.efi",
            "z.conf",
            "new+0-0.efi"
        ]
    );
}

#[test]
fn only_a_command_line_that_says_so_waits_in_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.efi");
    let waits = |line: &[u8]| {
        std::fs::write(&path, program_with_section(b".cmdline", line)).unwrap();
        uki::waits_in_a_panic(&path).unwrap()
    };
    assert!(waits(b"quiet panic=0"));
    assert!(!waits(b"quiet panic=10"));
    assert!(!waits(b"quiet"), "kernel.panic of the image decides");
}

proptest! {
    #[test]
    fn hostile_names_and_patterns_never_panic(text in "[a+\\-0-9.*?\\[\\]\\\\efi]{0,24}", id in "\\PC{0,12}") {
        if let Some(name) = EntryName::parse(&text) {
            prop_assert!(name.is_same(&entry(&name.to_string())));
            prop_assert!(!name.pattern().is_empty());
        }
        let _ = pattern::matches(&text, &id);
        let one = order::versions(text.as_bytes(), id.as_bytes());
        prop_assert_eq!(one, order::versions(id.as_bytes(), text.as_bytes()).reverse());
    }

    #[test]
    fn hostile_files_are_no_images(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0_u32..400) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.efi");
        let mut bytes = bytes;
        for (place, part) in [(0, &b"MZ"[..]), (0x3c, &at.to_le_bytes()[..]), (at as usize, b"PE\0\0")] {
            if let Some(found) = bytes.get_mut(place..place + part.len()) {
                found.copy_from_slice(part);
            }
        }
        std::fs::write(&path, bytes).unwrap();
        let _ = (uki::problem(&path), uki::os_release(&path), uki::waits_in_a_panic(&path));
    }
}
