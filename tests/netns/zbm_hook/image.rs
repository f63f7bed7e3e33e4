//! A root as the script finds it: the programs of ZFSBootMenu's image or of an initramfs, and no other on PATH.

use crate::netns::sandbox::command;
use imp::types::Root;
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

pub const IMAGE: &str = "tank/ROOT/b";
pub const LINE: &str = "root=zfs:tank/ROOT/b quiet panic=10 imp.trial=0a1b2c3d4e5f";

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
const HOOK: &str = "early-setup.d/50-imp-trial";
const PREMOUNT: &str = "units/initramfs/local-premount/imp-trial";
/// What the script or ZFSBootMenu itself runs, of install-helpers.sh of 3.1.0 and what dracut brings; no cut, no tr, no date.
const PROGRAMS: [&str; 12] = [
    "bash", "chmod", "mv", "mkdir", "cat", "sed", "grep", "sort", "head", "tail", "env", "od",
];
const STAND_INS: [&str; 6] = ["zfs", "zpool", "mount", "umount", "kexec", "blkid"];

/// Who runs the script.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shell {
    /// ZFSBootMenu, with bash.
    Menu,
    /// initramfs-tools, with this machine's sh.
    Initramfs,
}

impl Shell {
    pub fn taker(self) -> &'static str {
        match self {
            Self::Menu => "zbm-hook",
            Self::Initramfs => "initramfs",
        }
    }
}

pub struct Image {
    dir: PathBuf,
}

thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

impl Image {
    /// Two images beside the default, nothing armed.
    pub fn new(root: &Root) -> Self {
        COUNT.set(COUNT.get() + 1);
        let image = Self {
            dir: root.join(format!("image-{}", COUNT.get())),
        };
        for dir in [
            "usr",
            "dev",
            "etc",
            "run",
            "proc",
            "sbin",
            "tmp",
            "zbm/bin",
            "libexec/hooks/early-setup.d",
        ] {
            fs::create_dir_all(image.dir.join(dir)).unwrap();
        }
        command("mount", &["--rbind", "/usr", image.path("usr").to_str().unwrap()]);
        for link in ["bin", "lib", "lib64"] {
            symlink(format!("usr/{link}"), image.path(link)).unwrap();
        }
        fs::write(image.path("dev/null"), "").unwrap();
        command(
            "mount",
            &["--bind", "/dev/null", image.path("dev/null").to_str().unwrap()],
        );
        fs::write(image.path("dev/kmsg"), "").unwrap();
        image.programs();
        let hook = format!("{REPOSITORY}/units/zfsbootmenu/{HOOK}");
        fs::copy(&hook, image.path("libexec/hooks").join(HOOK)).unwrap();
        fs::copy(&hook, image.path("hook")).unwrap();
        let premount = fs::read_to_string(format!("{REPOSITORY}/{PREMOUNT}")).unwrap();
        let shared = "hook=/usr/share/imp/zfsbootmenu/early-setup.d/50-imp-trial\n";
        assert!(premount.contains(shared));
        fs::write(image.path("premount"), premount.replace(shared, "hook=/hook\n")).unwrap();
        image.settings("");
        image.kernel_line("root=zfs:tank/ROOT/a quiet");
        let dataset = |guid: &str| {
            json!({ "guid": guid, "local": { "canmount": "noauto" },
                    "files": { "/boot/vmlinuz-2": "kernel", "/boot/initrd.img-2": "initramfs" } })
        };
        image.write(&json!({
            "log": [],
            "hostid": "00bab10c",
            "pools": { "tank": {
                "state": "ONLINE", "imported": null, "bootfs": "tank/ROOT/a",
                "datasets": {
                    "tank/ROOT": { "guid": "1", "local": { "mountpoint": "none" } },
                    "tank/ROOT/a": dataset("2"), "tank/ROOT/b": dataset("3"), "tank/ROOT/c": dataset("4"),
                },
            } },
        }));
        image
    }

    fn programs(&self) {
        let bin = self.path("zbm/bin");
        for program in PROGRAMS {
            symlink(format!("/usr/bin/{program}"), bin.join(program)).unwrap();
        }
        let stand_in = fs::read_to_string(format!("{REPOSITORY}/tests/stand_in/zfs")).unwrap();
        // Nothing of the machine's Python but itself; its start is most of the time here.
        let stand_in = stand_in.replacen("/usr/bin/env python3", "/usr/bin/python3 -IS", 1);
        for program in STAND_INS {
            fs::write(bin.join(program), &stand_in).unwrap();
            fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::copy(
            format!("{REPOSITORY}/tests/stand_in/zfsbootmenu"),
            self.path("zfsbootmenu-init"),
        )
        .unwrap();
        for program in ["modprobe", "udevadm"] {
            symlink("/usr/bin/true", bin.join(program)).unwrap();
        }
        // Not busybox: it prefers its own mount to the stand-in. The tests of a real pool have it.
        symlink("/usr/bin/sh", bin.join("sh")).unwrap();
        for program in ["kexec", "zpool"] {
            symlink(format!("/zbm/bin/{program}"), self.path("sbin").join(program)).unwrap();
        }
    }

    /// What the loader's command line says to hooks.
    pub fn settings(&self, text: &str) {
        let base = "export BASE=/zfsbootmenu control_term=/dev/null menu_timeout=0 default_hostid=00bab10c\n";
        fs::write(self.path("etc/zfsbootmenu.conf"), format!("{base}{text}")).unwrap();
    }

    /// `/proc/cmdline` of the default's kernel.
    pub fn kernel_line(&self, line: &str) {
        fs::write(self.path("proc/cmdline"), format!("{line}\n")).unwrap();
    }

    /// Power-on until another kernel runs or the default is started; returns what was said.
    pub fn boot(&self, shell: Shell) -> String {
        let words: &[&str] = match shell {
            Shell::Menu => &["/bin/bash", "/zfsbootmenu-init"],
            Shell::Initramfs => &[
                "/bin/bash",
                "-c",
                "sh /premount; zpool import -N -o readonly=off tank && echo starts tank/ROOT/a",
            ],
        };
        let output = Command::new("chroot")
            .arg(&self.dir)
            .args(["/usr/bin/env", "-i", "PATH=/zbm/bin"])
            .args(words)
            .process_group(0)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text + &String::from_utf8_lossy(&output.stderr)
    }

    /// Power-on again: what was in memory is gone, what was written is not.
    pub fn reset(&self) {
        self.change(|machine| {
            for gone in ["kernel", "mounted", "cut", "started"] {
                machine[gone] = Value::Null;
            }
            machine["pools"]["tank"]["imported"] = Value::Null;
        });
        let done = self.path("libexec/hooks").join(HOOK);
        let completed = done.with_extension("completed");
        if completed.exists() {
            fs::rename(&completed, &done).unwrap();
            fs::set_permissions(&done, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let _ = fs::remove_dir_all(self.path("run"));
        fs::create_dir(self.path("run")).unwrap();
    }

    /// What `impctl boot arm` leaves on an image.
    pub fn arm(&self, dataset: &str) {
        self.change(|machine| {
            let local = &mut machine["pools"]["tank"]["datasets"][dataset]["local"];
            for (name, value) in [
                ("trial", "0a1b2c3d4e5f"),
                ("state", "armed"),
                ("kernel", "/boot/vmlinuz-2"),
                ("initramfs", "/boot/initrd.img-2"),
                ("command-line", LINE),
            ] {
                local[format!("org.imp:{name}")] = json!(value);
            }
        });
    }

    pub fn local(&self, dataset: &str, property: &str) -> String {
        let machine = self.machine();
        let value = &machine["pools"]["tank"]["datasets"][dataset]["local"][property];
        value.as_str().unwrap_or("-").to_owned()
    }

    pub fn log(&self) -> Vec<String> {
        serde_json::from_value(self.machine()["log"].clone()).unwrap()
    }

    pub fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut machine = self.machine();
        change(&mut machine);
        self.write(&machine);
    }

    pub fn machine(&self) -> Value {
        serde_json::from_slice(&self.file("zbm/bin/pools.json")).unwrap()
    }

    pub fn file(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap()
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    fn write(&self, machine: &Value) {
        fs::write(self.path("zbm/bin/pools.json"), machine.to_string()).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }
}
