//! Our access to the firmware's variables on a real efivarfs: the test that starts the machine gives it this very program.

use super::machine::Machine;
use crate::boot_entry::device_path;
use imp::host::efi::{EfiError, LoadOption, VariableName, Variables};
use imp::types::Root;
use std::process::Command;

const HERE: &str = "IMP_TEST_INSIDE";
const ENTRY: u16 = 0x0123;

#[test]
fn an_entry_of_ours_is_started_once() {
    let Some(mut machine) = Machine::new("entry") else {
        return;
    };
    let program = std::env::current_exe().unwrap();
    let stripped = std::env::temp_dir().join(format!("imp-inside-{}", std::process::id()));
    let strip = Command::new("strip")
        .arg("-o")
        .args([&stripped, &program])
        .status()
        .unwrap();
    assert!(strip.success());
    machine.extra = Some(stripped.clone());
    let mut boot = machine.boot("imp_1");
    boot.sh("cat /dev/vdc >/run/inside; chmod +x /run/inside");
    let run = format!("{HERE}=1 /run/inside --exact qemu::uefi::inside::variables_on_efivarfs --nocapture");
    let said = boot.sh(&run);
    assert!(
        said.contains("1 passed") && said.contains("all was read back"),
        "{said}"
    );
    boot.cut();
    machine.extra = None;
    std::fs::remove_file(stripped).unwrap();

    let mut boot = machine.boot("by-entry");
    assert_eq!(
        boot.sh("cat /proc/cmdline"),
        "console=ttyS0 panic=1 no_timer_check imp.image=by-entry"
    );
    boot.cut();
    machine.boot("imp_1");
}

/// Runs in the machine; elsewhere it has nothing to do.
#[test]
fn variables_on_efivarfs() {
    if std::env::var_os(HERE).is_none() {
        return;
    }
    let variables = Variables::of(&Root::new("/")).unwrap();
    a_value_is_written_replaced_and_removed(&variables);
    what_the_firmware_refuses_leaves_nothing(&variables);
    an_entry_is_armed(&variables);
    println!("all was read back");
}

/// The kernel makes a variable of systemd's immutable as soon as it is there.
fn a_value_is_written_replaced_and_removed(variables: &Variables) {
    let name = VariableName::LoaderEntryDefault;
    for value in [&b"i\0m\0p\0_\x001\0"[..], b"a\0\0\0", b"a longer one than that"] {
        assert!(variables.write(&name, value).unwrap().changed());
        assert!(!variables.write(&name, value).unwrap().changed());
        assert_eq!(variables.read(&name).unwrap().as_deref(), Some(value));
    }
    assert!(variables.delete(&name).unwrap().changed());
    assert!(!variables.delete(&name).unwrap().changed());
    assert_eq!(variables.read(&name).unwrap(), None);
}

fn what_the_firmware_refuses_leaves_nothing(variables: &Variables) {
    let name = VariableName::BootNext;
    let refused = variables.write(&name, &[1]);
    assert!(matches!(refused, Err(EfiError::File { .. })), "{refused:?}");
    assert_eq!(variables.boot_next().unwrap(), None);
    let file = Root::new("/sys/firmware/efi/efivars").join(name.to_string());
    assert!(!file.exists(), "an empty file is left");
}

fn an_entry_is_armed(variables: &Variables) {
    let sectors = |what: &str| -> u64 {
        let text = std::fs::read_to_string(format!("/sys/class/block/vda1/{what}")).unwrap();
        text.trim().parse().unwrap()
    };
    let path = device_path(sectors("start"), sectors("size"), "\\EFI\\Linux\\imp_1.efi");
    let option = LoadOption::new(
        "IMP trial",
        path,
        "console=ttyS0 panic=1 no_timer_check imp.image=by-entry",
    )
    .unwrap();
    assert!(variables.boot_current().unwrap().is_some());
    assert!(!variables.boot_numbers().unwrap().contains(&ENTRY));
    assert!(variables.set_load_option(ENTRY, &option).unwrap().changed());
    assert_eq!(variables.load_option(ENTRY).unwrap(), Some(option));
    assert!(!variables.boot_order().unwrap().contains(&ENTRY));
    assert!(variables.set_boot_next(ENTRY).unwrap().changed());
    assert_eq!(variables.boot_next().unwrap(), Some(ENTRY));
}
