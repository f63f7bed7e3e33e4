//! A router under test: its image, persistent partition and cables. It can be booted any number of times.

use super::machine::Machine;
use super::network::{EXTERNAL, INTERNAL, MANAGEMENT, Nic, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// How `/persistent` is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Before PID 1, as an initramfs does it.
    Early,
    /// By a unit of the test, out of `/disk`.
    Late,
}

/// The Debian release that a router runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// systemd 252 and FRR 8.4.
    Bookworm,
    /// systemd 257 and FRR 10.3.
    Trixie,
}

impl Release {
    /// Both, for what each of them must do.
    pub const ALL: [Self; 2] = [Self::Bookworm, Self::Trixie];

    /// Where `tests/run` says that its root is.
    fn variable(self) -> &'static str {
        match self {
            Self::Bookworm => "IMP_TEST_ROOT",
            Self::Trixie => "IMP_TEST_TRIXIE",
        }
    }

    /// The root with our package in it; `None`, after one line, if `tests/run` has not built it.
    pub fn image(self, test: &str) -> Option<PathBuf> {
        let variable = self.variable();
        let image = std::env::var_os(variable).map(PathBuf::from);
        if image.is_none() {
            crate::skip::skipped(format!(
                "{test}: no root image in {variable} (tests/run builds one, as root)"
            ));
        }
        image
    }
}

/// A machine that is off.
#[derive(Debug)]
pub struct Router {
    /// Short and its own: also the prefix of its namespaces.
    pub name: String,
    pub image: PathBuf,
    /// Where its layers and its persistent partition are.
    pub dir: PathBuf,
    pub nics: Vec<Nic>,
    pub arrival: Arrival,
}

impl Router {
    /// A router with an empty persistent partition and three NICs, on bookworm. `None`, after one line that says why, if
    /// it cannot boot here.
    pub fn new(test: &str) -> Option<Self> {
        Self::on(Release::Bookworm, test)
    }

    /// The same on this release.
    pub fn on(release: Release, test: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let image = release.image(test)?;
        let name = format!(
            "imp{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let dir = image.with_file_name("run").join(&name);
        for part in [
            "etc-up",
            "up",
            "work",
            "root",
            "persistent/config",
            "persistent/data",
        ] {
            fs::create_dir_all(dir.join(part)).unwrap();
        }
        let router = Self {
            name,
            image,
            dir,
            nics: vec![MANAGEMENT, EXTERNAL, INTERNAL],
            arrival: Arrival::Early,
        };
        router.stand_in_for_kernel();
        Some(router)
    }

    /// Modules that this kernel may lack, and its own hugepages: no test uses those of the machine it runs on.
    fn stand_in_for_kernel(&self) {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        let modules = ["vhost_net", "tun", "8021q", "vfio-pci"].map(|name| format!("kernel/{name}.ko\n"));
        self.write_image(
            &format!("usr/lib/modules/{}/modules.builtin", release.trim()),
            &modules.concat(),
        );
        let pool = self.hugepages().join("hugepages-2048kB");
        fs::create_dir_all(&pool).unwrap();
        fs::write(pool.join("nr_hugepages"), "0\n").unwrap();
    }

    /// What the machine sees as `/sys/kernel/mm/hugepages`.
    pub fn hugepages(&self) -> PathBuf {
        self.dir.join("hugepages")
    }

    /// A router with the example of the documentation, fitted to this machine, on bookworm.
    pub fn with_example(test: &str) -> Option<Self> {
        Self::with_example_on(Release::Bookworm, test)
    }

    /// The same on this release.
    pub fn with_example_on(release: Release, test: &str) -> Option<Self> {
        let router = Self::on(release, test)?;
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees/01-example/root/persistent/.");
        run(
            "cp",
            &[
                "-a",
                example.to_str().unwrap(),
                router.persistent().to_str().unwrap(),
            ],
        );
        // git keeps no mode this narrow.
        run(
            "chmod",
            &["-R", "go=", router.config("secrets").to_str().unwrap()],
        );
        let text = fs::read_to_string(router.config("imp.toml")).unwrap();
        router.write_config("imp.toml", &fit(&text));
        Some(router)
    }

    /// What is bound to `/persistent`.
    pub fn persistent(&self) -> PathBuf {
        self.dir.join("persistent")
    }

    /// A file of `/persistent/config`.
    pub fn config(&self, name: &str) -> PathBuf {
        self.persistent().join("config").join(name)
    }

    /// Writes a file of `/persistent/config`.
    pub fn write_config(&self, name: &str, text: &str) {
        fs::write(self.config(name), text).unwrap();
    }

    /// Replaces the one occurrence of a text in `imp.toml`.
    pub fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config("imp.toml")).unwrap();
        self.write_config("imp.toml", &replace_once(&text, from, to));
    }

    /// Puts a file into this router's image, as an image builder would.
    pub fn write_image(&self, path: &str, text: &str) {
        let path = self.dir.join("up").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Powers it on and waits until no job is left.
    pub fn boot(&self) -> Machine {
        let machine = self.power_on();
        machine.settle();
        machine
    }

    /// Powers it on and waits until PID 1 answers.
    pub fn power_on(&self) -> Machine {
        Machine::start(self)
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The example as this machine can run it: NICs by the MAC of a veth, two cores, small heaps, a dir pool. Nothing else.
fn fit(example: &str) -> String {
    [
        (
            "match = { pci = \"0000:65:00.0\", mac = \"b4:96:91:00:00:10\" }",
            "match = { mac = \"b4:96:91:00:00:10\" }\nattach = \"af-packet\"",
        ),
        (
            "match = { pci = \"0000:65:00.1\" }",
            "match = { mac = \"b4:96:91:00:00:11\" }\nattach = \"af-packet\"",
        ),
        ("main-core        = 1\n", "main-core        = 0\n"),
        ("corelist-workers = \"2-5\"\n", ""),
        ("main-heap-size   = \"3G\"\n", "main-heap-size   = \"512M\"\n"),
        ("buffers-per-numa = 131072\n", "buffers-per-numa = 16384\n"),
        ("main-core        = 6\n", "main-core        = 1\n"),
        ("corelist-workers = \"7\"\n", ""),
        (
            "driver = \"zfs\"\nsource = \"tank/incus\"",
            "driver = \"dir\"\nsource = \"/persistent/data/incus-pool\"",
        ),
    ]
    .iter()
    .fold(example.to_owned(), |text, (from, to)| {
        replace_once(&text, from, to)
    })
}

fn replace_once(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "'{from}' is not once in:\n{text}");
    text.replacen(from, to, 1)
}
