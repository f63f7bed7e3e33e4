#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

/// An entry that firmware booted: a file of a partition, and a command line.
const EXAMPLE: &str = "
    01 00 00 00 54 00 5a 00 42 00 4d 00 20 00 74 00
    72 00 69 00 61 00 6c 00 00 00 04 01 2a 00 01 00
    00 00 00 08 00 00 00 00 00 00 de f7 04 00 00 00
    00 00 3d 2c 1b 0a 5f 4e 71 60 82 93 a4 b5 c6 d7
    e8 f9 02 02 04 04 26 00 5c 00 45 00 46 00 49 00
    5c 00 7a 00 62 00 6d 00 5c 00 7a 00 62 00 6d 00
    2e 00 65 00 66 00 69 00 00 00 7f ff 04 00 7a 00
    62 00 6d 00 2e 00 70 00 72 00 65 00 66 00 65 00
    72 00 3d 00 74 00 61 00 6e 00 6b 00 2f 00 52 00
    4f 00 4f 00 54 00 2f 00 62 00 20 00 7a 00 62 00
    6d 00 2e 00 74 00 69 00 6d 00 65 00 6f 00 75 00
    74 00 3d 00 30 00";

fn example() -> (Vec<u8>, LoadOption) {
    let bytes: Vec<u8> = EXAMPLE
        .split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect();
    let path = DevicePath::parse(&bytes[26..110]).unwrap();
    let option = LoadOption::new("ZBM trial", path, "zbm.prefer=tank/ROOT/b zbm.timeout=0").unwrap();
    (bytes, option)
}

fn machine() -> (tempfile::TempDir, Variables) {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    fs::create_dir_all(root.join(EFIVARFS)).unwrap();
    assert!(matches!(Variables::of(&root), Err(EfiError::Unavailable(_))));
    fs::write(
        root.join(EFIVARFS).join(VariableName::BootCurrent.to_string()),
        [6, 0, 0, 0, 1, 1],
    )
    .unwrap();
    let variables = Variables::of(&root).unwrap();
    (dir, variables)
}

#[test]
fn an_entry_is_the_bytes_the_firmware_booted() {
    let (bytes, option) = example();
    assert_eq!(bytes.len(), 182);
    assert_eq!(option.encode(), bytes);
    assert_eq!(LoadOption::parse(&bytes).unwrap(), option);
    assert_eq!(option.device_path().file().unwrap(), "\\EFI\\zbm\\zbm.efi");
}

#[test]
fn an_entry_names_its_partition() {
    let (_, option) = example();
    assert_eq!(
        option.device_path().partition().unwrap(),
        "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    );
    // Only a file, which the firmware looks for on every disk.
    let file_alone = &option.device_path().bytes()[42..];
    let anywhere = DevicePath::parse(file_alone).unwrap();
    assert_eq!(anywhere.file().unwrap(), "\\EFI\\zbm\\zbm.efi");
    assert_eq!(anywhere.partition(), None);
}

#[test]
fn a_full_store_is_said_with_what_fills_it() {
    let (dir, variables) = machine();
    let full = || {
        let error = variables.file_error(Some(&VariableName::BootNext), ErrorKind::StorageFull.into());
        error.to_string()
    };
    assert!(full().contains("variable store is full") && full().contains("efibootmgr"));
    for part in 0..3 {
        let record = format!("dump-type0-{part}-1-1700000000-C-cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0");
        fs::write(dir.path().join(EFIVARFS).join(record), "x").unwrap();
    }
    assert!(full().contains("3 crash records of the kernel"), "{}", full());
}

#[test]
fn what_cannot_be_encoded_is_no_entry() {
    let (_, option) = example();
    let path = option.device_path().clone();
    assert!(LoadOption::new("a\0b", path.clone(), "").is_none());
    assert!(LoadOption::new("a", path, "b\0").is_none());
}

#[test]
fn an_entry_of_a_whole_disk_names_no_file() {
    let path = DevicePath::parse(&[2, 1, 4, 0, 0x7f, 0xff, 4, 0]).unwrap();
    assert_eq!(path.file(), None);
    assert!(DevicePath::parse(&[2, 1, 4, 0]).is_none(), "without an end");
    assert!(
        DevicePath::parse(&[2, 1, 0, 0, 0x7f, 0xff, 4, 0]).is_none(),
        "without a length"
    );
}

#[test]
fn a_variable_is_written_once_and_read_back() {
    let (_dir, variables) = machine();
    let name = VariableName::LoaderEntryOneShot;
    assert_eq!(variables.read(&name).unwrap(), None);
    assert!(variables.write(&name, b"a longer value").unwrap().changed());
    assert!(variables.write(&name, b"short").unwrap().changed());
    assert!(!variables.write(&name, b"short").unwrap().changed());
    assert_eq!(fs::read(variables.path(&name)).unwrap(), b"\x07\0\0\0short");
    assert!(variables.delete(&name).unwrap().changed());
    assert!(!variables.delete(&name).unwrap().changed());
    assert_eq!(variables.read(&name).unwrap(), None);
}

#[test]
fn an_empty_file_is_not_a_variable_and_a_torn_one_is_an_error() {
    let (_dir, variables) = machine();
    fs::write(variables.path(&VariableName::BootNext), b"").unwrap();
    assert_eq!(variables.boot_next().unwrap(), None);
    assert!(variables.set_boot_next(0x0101).unwrap().changed());
    for torn in [&b"\x07"[..], b"\x07\0\0\0\x01"] {
        fs::write(variables.path(&VariableName::BootNext), torn).unwrap();
        assert!(matches!(variables.boot_next(), Err(EfiError::Malformed { .. })));
    }
}

#[test]
fn entries_are_found_by_number() {
    let (_dir, variables) = machine();
    let (_, option) = example();
    assert_eq!(variables.boot_current().unwrap(), Some(0x0101));
    assert!(variables.set_load_option(0x01ab, &option).unwrap().changed());
    assert!(variables.set_boot_order(&[0x0100, 0]).unwrap().changed());
    fs::write(variables.path(&VariableName::Boot(2)), b"\x07\0\0\0nonsense").unwrap();
    assert_eq!(variables.boot_numbers().unwrap(), [2, 0x01ab]);
    assert_eq!(variables.load_option(0x01ab).unwrap(), Some(option));
    assert_eq!(variables.load_option(3).unwrap(), None);
    assert!(variables.load_option(2).is_err());
    assert_eq!(variables.boot_order().unwrap(), [0x0100, 0]);
    assert!(
        variables
            .path(&VariableName::Boot(0x01ab))
            .to_str()
            .unwrap()
            .contains("/Boot01AB-8be4df61")
    );
}

proptest! {
    #[test]
    fn entries_survive_the_way_there_and_back(description in "[^\0]{0,40}", command_line in "[^\0]{0,200}", file in "[^\0/]{1,60}") {
        let name = encode(&format!("{file}\0"));
        let length = u16::try_from(name.len() + 4).unwrap().to_le_bytes();
        let path = DevicePath::parse(&[&[4, 4], &length[..], &name, &[0x7f, 0xff, 4, 0]].concat()).unwrap();
        let option = LoadOption::new(&description, path, &command_line).unwrap();
        let again = LoadOption::parse(&option.encode()).unwrap();
        prop_assert_eq!(&again, &option);
        prop_assert_eq!(again.command_line().unwrap(), command_line);
        prop_assert_eq!(again.device_path().file().unwrap(), file);
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..182, at in 0_usize..182, with: u8) {
        if let Some(option) = LoadOption::parse(&bytes) {
            prop_assert_eq!(option.encode(), bytes.clone());
            let _ = option.device_path().file();
        }
        let _ = decode(&bytes);
        let (mut good, _) = example();
        good[at] = with;
        good.truncate(cut);
        let _ = LoadOption::parse(&good);
    }
}
