//! A machine in a directory: its mounts, its kernel's command line, a pool (`tests/stand_in/zfs`) and firmware variables.

use crate::boot_entry::device_path;
use imp::boot::loader::Backend as _;
use imp::boot::loader::zfs::Zfs;
use imp::boot::trial::classify::{Attempt, Token};
use imp::host::efi::{LoadOption, VariableName, Variables};
use imp::types::Root;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

pub const A: &str = "tank/ROOT/a";
pub const B: &str = "tank/ROOT/b";
/// The entry that starts ZFSBootMenu, and the first number we take.
pub const MENU: u16 = 1;
pub const OURS: u16 = 0x0100;

pub struct Machine {
    dir: TempDir,
    pub root: Root,
}

pub fn attempt() -> Attempt {
    Attempt {
        trial: "0a1b2c3d4e5f".parse().unwrap(),
        image: B.parse().unwrap(),
    }
}

impl Machine {
    /// `a` runs and is the default, `b` is mounted below /mnt. Nothing here can try an image yet.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        let machine = Self { dir, root };
        let stand_in = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/zfs");
        for program in ["zfs", "zpool"] {
            machine.file(&format!("usr/sbin/{program}"), &fs::read(stand_in).unwrap());
            let path = machine.root.join("usr/sbin").join(program);
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine.runs(A, "root=zfs:tank/ROOT/a spl.spl_hostid=0x00bab10c quiet");
        for kernel in ["6.1.0-9", "6.1.0-50"] {
            machine.file(&format!("mnt/boot/vmlinuz-{kernel}"), b"kernel");
            machine.file(&format!("mnt/boot/initrd.img-{kernel}"), b"initramfs");
        }
        let dataset = |guid: &str| json!({ "guid": guid, "used": "217034752", "local": { "canmount": "noauto", "mountpoint": "/" } });
        machine.write(&json!({
            "log": [],
            "pools": { "tank": {
                "state": "ONLINE", "imported": "off", "bootfs": A,
                "datasets": {
                    "tank": { "guid": "0", "local": {} },
                    "tank/ROOT": { "guid": "1", "local": { "mountpoint": "none", "org.zfsbootmenu:commandline": "console=ttyS0 panic=5" } },
                    "tank/ROOT/a": dataset("2"), "tank/ROOT/b": dataset("3"),
                },
            } },
        }));
        machine
    }

    pub fn zfs(&self) -> Zfs {
        Zfs::of(&self.root).unwrap()
    }

    pub fn token(&self) -> Token {
        self.zfs().loader().unwrap().token
    }

    /// This image runs, and its kernel was given this line.
    pub fn runs(&self, dataset: &str, line: &str) {
        let mounts = format!(
            "1 0 0:1 / / rw - rootfs rootfs rw\n\
             25 1 0:22 / / rw,relatime shared:1 - zfs {dataset} rw,xattr\n\
             26 25 0:23 / /boot/efi rw - vfat /dev/vda1 rw\n\
             27 25 0:24 / /mnt ro - zfs {B} ro\n"
        );
        self.file("proc/self/mountinfo", mounts.as_bytes());
        self.file("proc/cmdline", line.as_bytes());
    }

    /// The initramfs of this boot has our script.
    pub fn with_script(self) -> Self {
        self.file("run/initramfs/imp-trial", b"");
        self
    }

    /// UEFI firmware that starts ZFSBootMenu.
    pub fn with_firmware(self) -> Self {
        for (name, data) in [
            (VariableName::BootCurrent, &MENU.to_le_bytes()[..]),
            (VariableName::BootOrder, &MENU.to_le_bytes()[..]),
        ] {
            let path = format!("sys/firmware/efi/efivars/{name}");
            self.file(&path, &[&[7, 0, 0, 0], data].concat());
        }
        let path = device_path(2048, 0x4_f7de, "\\EFI\\zbm\\zbm.efi");
        let line = "console=ttyS0 zbm.prefer=tank zbm.timeout=3";
        let option = LoadOption::new("ZFSBootMenu", path, line).unwrap();
        let _ = self.variables().set_load_option(MENU, &option).unwrap();
        self
    }

    pub fn variables(&self) -> Variables {
        Variables::of(&self.root).unwrap()
    }

    /// The firmware starts this entry, as it does at power-on.
    pub fn firmware_starts(&self, number: u16) {
        let _ = self.variables().delete(&VariableName::BootNext).unwrap();
        let path = format!("sys/firmware/efi/efivars/{}", VariableName::BootCurrent);
        self.file(&path, &[&[7, 0, 0, 0], &number.to_le_bytes()[..]].concat());
    }

    pub fn local(&self, dataset: &str, property: &str) -> Option<String> {
        let machine = self.machine();
        let value = machine["pools"]["tank"]["datasets"][dataset]["local"].get(property)?;
        Some(value.as_str().unwrap().to_owned())
    }

    pub fn set_local(&self, dataset: &str, property: &str, value: &str) {
        self.change(|machine| {
            machine["pools"]["tank"]["datasets"][dataset]["local"][property] = json!(value)
        });
    }

    pub fn bootfs(&self) -> String {
        self.machine()["pools"]["tank"]["bootfs"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The commands since the last time that change something.
    pub fn changes(&self) -> Vec<String> {
        let mut machine = self.machine();
        let log: Vec<String> = serde_json::from_value(machine["log"].take()).unwrap();
        machine["log"] = json!([]);
        self.write(&machine);
        let reads = ["zfs get", "zfs list", "zpool get", "zpool list"];
        log.into_iter()
            .filter(|line| !reads.iter().any(|read| line.starts_with(read)))
            .collect()
    }

    pub fn machine(&self) -> Value {
        serde_json::from_slice(&fs::read(self.pools()).unwrap()).unwrap()
    }

    pub fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut machine = self.machine();
        change(&mut machine);
        self.write(&machine);
    }

    pub fn file(&self, path: &str, bytes: &[u8]) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.root.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    fn write(&self, machine: &Value) {
        fs::write(self.pools(), machine.to_string()).unwrap();
    }

    fn pools(&self) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("usr/sbin/pools.json")
    }
}
