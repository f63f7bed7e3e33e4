//! Firmware that forgets, drops and gives to others what a trial needs of it.

use super::machine::{A, B, MENU, Machine, OURS, attempt};
use super::strategy;
use imp::boot::loader::Backend as _;
use imp::boot::trial::classify::Token;
use imp::host::efi::{LoadOption, VariableName};
use std::os::unix::fs::symlink;

/// Of a firmware update.
const UPDATE: u16 = 3;

/// `b` is armed, and the firmware has its token.
fn armed() -> Machine {
    let machine = Machine::new().with_firmware();
    machine.zfs().prepare(&attempt()).unwrap();
    machine.zfs().arm(&attempt()).unwrap();
    machine
}

impl Machine {
    fn remark(&self) -> Option<String> {
        self.zfs().remark(&attempt())
    }

    /// Somebody else wants the next start of the firmware.
    fn updates_the_firmware(&self) {
        let menu = self.variables().load_option(MENU).unwrap().unwrap();
        let update = LoadOption::new("Linux Firmware Updater", menu.device_path().clone(), "").unwrap();
        let _ = self.variables().set_load_option(UPDATE, &update).unwrap();
        let _ = self.variables().set_boot_next(UPDATE).unwrap();
    }

    /// The menu's entry has no command line: it is in the program, on the partition that the entry names.
    fn has_line_in_program(&self, partition: &str, line: &str) {
        let menu = self.variables().load_option(MENU).unwrap().unwrap();
        let silent = LoadOption::new("ZFSBootMenu", menu.device_path().clone(), "").unwrap();
        let _ = self.variables().set_load_option(MENU, &silent).unwrap();
        self.file(&format!("{partition}/EFI/zbm/zbm.efi"), &program(line));
    }

    fn line_of_the_trial(&self) -> String {
        self.zfs().prepare(&attempt()).unwrap();
        let entry = self.variables().load_option(OURS).unwrap().unwrap();
        entry.command_line().unwrap()
    }
}

/// A PE program with a command line in it.
fn program(line: &str) -> Vec<u8> {
    let mut bytes = vec![0; 0x40];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x40;
    bytes.extend(b"PE\0\0\x64\x86\x01\0");
    bytes.extend([0; 16]);
    let start = bytes.len() + 40;
    bytes.extend(b".cmdline");
    for number in [line.len(), 0, line.len(), start] {
        bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    bytes.extend([0; 16]);
    bytes.extend(line.as_bytes());
    bytes
}

#[test]
fn a_start_that_somebody_else_waits_for_is_not_taken() {
    let machine = Machine::new().with_firmware();
    machine.updates_the_firmware();
    assert_eq!(strategy(&machine), None);
    let refused = machine.zfs().prepare(&attempt()).unwrap_err().to_string();
    assert!(refused.contains("Boot0003 'Linux Firmware Updater'"), "{refused}");
    assert_eq!(machine.variables().boot_next().unwrap(), Some(UPDATE));
    assert_eq!(machine.token(), Token::None);

    let machine = Machine::new().with_firmware();
    machine.zfs().prepare(&attempt()).unwrap();
    machine.updates_the_firmware();
    assert!(machine.zfs().arm(&attempt()).is_err());
    assert_eq!(machine.variables().boot_next().unwrap(), Some(UPDATE));
    // What no entry has the number of starts nothing, and is in nobody's way.
    let _ = machine.variables().delete(&VariableName::Boot(UPDATE)).unwrap();
    machine.zfs().arm(&attempt()).unwrap();
    assert_eq!(machine.token(), Token::Armed(attempt()));
}

#[test]
fn a_token_that_was_written_over_is_none() {
    let machine = armed();
    machine.updates_the_firmware();
    assert_eq!(machine.token(), Token::Absent(attempt()));
    assert!(
        machine
            .remark()
            .unwrap()
            .contains("Boot0003 'Linux Firmware Updater'")
    );
    machine.zfs().clear().unwrap();
    assert_eq!(machine.variables().boot_next().unwrap(), Some(UPDATE), "it stays");
}

#[test]
fn an_entry_that_was_removed_while_it_was_started_is_a_trial() {
    let machine = armed();
    machine.firmware_starts(OURS);
    let _ = machine.variables().delete(&VariableName::Boot(OURS)).unwrap();
    machine.runs(B, "root=zfs:tank/ROOT/b panic=5");
    assert_eq!(machine.token(), Token::Consumed(attempt()));
    assert!(
        machine
            .remark()
            .unwrap()
            .contains("removed the boot entry Boot0100")
    );
    // Chosen in the menu, after the firmware had removed the entry.
    machine.firmware_starts(MENU);
    assert_eq!(machine.token(), Token::Absent(attempt()));
    machine.runs(A, "root=zfs:tank/ROOT/a");
    assert_eq!(machine.token(), Token::Absent(attempt()), "nobody is to blame");
    assert!(machine.remark().unwrap().contains("Boot0100"));
}

#[test]
fn options_that_the_firmware_drops_are_no_fault_of_the_image() {
    let machine = armed();
    machine.firmware_starts(OURS);
    assert_eq!(machine.token(), Token::Absent(attempt()));
    let said = machine.remark().unwrap();
    assert!(
        said.contains("Boot0100") && said.contains("ZFSBootMenu"),
        "{said}"
    );
}

#[test]
fn a_reboot_past_the_firmware_is_said() {
    let machine = armed();
    assert_eq!(machine.token(), Token::Armed(attempt()));
    assert!(
        machine
            .remark()
            .unwrap()
            .contains("did not go through the firmware")
    );
}

#[test]
fn the_partition_is_the_one_that_the_entry_names() {
    let machine = Machine::new().with_firmware();
    let mut mounts = std::fs::read_to_string(machine.root.join("proc/self/mountinfo")).unwrap();
    mounts += "28 25 0:25 / /boot/efi2 rw - vfat /dev/vdb1 rw\n";
    machine.file("proc/self/mountinfo", mounts.as_bytes());
    machine.file(
        "boot/efi/EFI/zbm/zbm.efi",
        &program("zbm.prefer=old!! console=ttyS9"),
    );
    machine.has_line_in_program("boot/efi2", "console=ttyS1");
    // Without udev's links nobody knows which of the two it is.
    assert!(machine.zfs().prepare(&attempt()).is_err());

    let links = "dev/disk/by-partuuid";
    machine.file(&format!("{links}/.keep"), b"");
    let named = machine
        .root
        .join(links)
        .join("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    assert!(machine.zfs().prepare(&attempt()).is_err(), "of another machine");
    symlink("../../vdb1", &named).unwrap();
    assert_eq!(
        machine.line_of_the_trial(),
        format!("zbm.prefer={B} zbm.timeout=0 console=ttyS1")
    );
    // A mirror of two partitions is mounted by its own name.
    std::fs::remove_file(&named).unwrap();
    symlink("../../sda1", &named).unwrap();
    machine.file("sys/class/block/sda1/holders/md127", b"");
    machine.file(
        "proc/self/mountinfo",
        mounts.replace("/dev/vdb1", "/dev/md127").as_bytes(),
    );
    assert!(machine.line_of_the_trial().contains("console=ttyS1"));
}
