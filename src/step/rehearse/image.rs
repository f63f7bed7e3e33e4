//! The simulated machine: an image's placeholders, the kernel's files in /sys and /proc, and veths instead of NICs.

use super::failed;
use crate::config::{Attach, Model, Nic, NicMatch};
use crate::exit::Failure;
use crate::facts::identity::{files, first_user};
use crate::host::netlink::{self, Connection};
use crate::host::paths::{
    self, DATA, GROUP, HUGEPAGES, IDENTITY, MACHINE_ID, NET_DEVICES, PASSWD, PCI_BUS, ZONES,
};
use crate::host::{file, namespace};
use crate::plan::identity::{HOST_KEY, Wanted, directories, files as identity_files};
use crate::types::{KernelName, MacAddr, Root};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

/// Kernel modules the simulated machine has.
const MODULES: [&str; 5] = ["vhost_net", "tun", "8021q", "vfio_pci", "uio_pci_generic"];

/// The numbers of groups that a system makes for itself begin here.
const FIRST_GROUP: u32 = 100;

/// Whether `ssh-keygen` is installed; a machine with only a Rust toolchain may not have it.
pub fn can_make_host_key() -> bool {
    [
        "/usr/bin/ssh-keygen",
        "/usr/local/bin/ssh-keygen",
        "/bin/ssh-keygen",
    ]
    .iter()
    .any(|path| Path::new(path).exists())
}

/// Creates the image as it is before any configuration is read.
pub fn build(root: &Root, can_make_host_key: bool) -> Result<(), Failure> {
    write(root, MACHINE_ID, "")?;
    write(
        root,
        PASSWD,
        "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n",
    )?;
    make_directory(root, Path::new(DATA))?;
    write(root, HUGEPAGES, "0\n")?;
    for module in MODULES {
        make_directory(root, &Path::new(paths::MODULES).join(module))?;
    }
    let key = Path::new(IDENTITY).join(HOST_KEY);
    if !can_make_host_key && !root.join(&key).exists() {
        // This machine has no ssh-keygen: a key without numbers, which nothing here needs.
        let text = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        let _ = file::write(&root.join(&key), text.as_bytes(), 0o600).map_err(failed)?;
    }
    Ok(())
}

/// Creates what the configuration, if there is one, needs of the image: a placeholder for each bind, the groups of its users, and
/// its time zone, unless this machine knows its zones and has no such one.
pub fn put_placeholders(root: &Root, wanted: Option<&Wanted>) -> Result<(), Failure> {
    let groups = wanted.iter().flat_map(|wanted| &wanted.users);
    let groups: BTreeSet<&str> = groups.flat_map(|user| &user.groups).map(AsRef::as_ref).collect();
    let groups = groups.iter().zip(FIRST_GROUP..);
    let groups: String = groups
        .map(|(name, number)| format!("{name}:x:{number}:\n"))
        .collect();
    write(root, GROUP, &groups)?;
    if let Some(zone) = wanted.and_then(|wanted| wanted.timezone.as_ref()) {
        let zones = Path::new(ZONES);
        if !zones.is_dir() || zones.join(zone.as_ref()).is_file() {
            write(root, zones.join(zone.as_ref()), "")?;
        }
    }
    for bind in wanted.map(directories).unwrap_or_default() {
        make_directory(root, &bind.target)?;
    }
    let rendered = ["hostname", "hosts", "resolv.conf"];
    for bind in identity_files(wanted, &files(root), first_user(root).as_ref(), &rendered) {
        if root.join(&bind.source).is_dir() {
            make_directory(root, &bind.target)?;
        } else if !root.join(&bind.target).exists() {
            write(root, &bind.target, "")?;
        }
    }
    Ok(())
}

/// Creates a NIC for each match.
pub fn plug_nics(root: &Root, model: &Model) -> Result<(), Failure> {
    let mut nics = Nics::new(root)?;
    if let Some(management) = &model.management {
        nics.add(&management.matches, false)?;
    }
    for (_, _, Nic { matches, attach, .. }) in model.nics() {
        nics.add(matches, *attach != Some(Attach::AfPacket))?;
    }
    Ok(())
}

/// Whether a path belongs to the simulated kernel rather than to what the boot leaves.
pub fn is_stand_in(path: &Path) -> bool {
    path.starts_with("/sys") || path.starts_with("/proc")
}

/// Creates veths with the properties a match asks for, and the files in /sys that describe the hardware behind them.
struct Nics<'a> {
    root: &'a Root,
    connection: Connection,
    own: File,
    count: u8,
}

impl<'a> Nics<'a> {
    fn new(root: &'a Root) -> Result<Self, Failure> {
        Ok(Self {
            root,
            connection: Connection::open().map_err(failed)?,
            own: namespace::own().map_err(failed)?,
            count: 0,
        })
    }

    /// Adds a NIC that fits the match; on a PCI bus if DPDK is to drive it.
    fn add(&mut self, matches: &NicMatch, pci: bool) -> Result<(), Failure> {
        self.count += 1;
        let number = self.count;
        let name = named(&matches.name, &format!("eth{number}"))?;
        let peer = named(&None, &format!("wire{number}"))?;
        let invented = MacAddr::new([0x02, 0, 0, 0, 0x1d, number]).map_err(failed)?;
        let mac = matches.mac.unwrap_or(invented);
        netlink::create_veth(&mut self.connection, &name, &peer, &self.own).map_err(failed)?;
        let links = self.connection.links().map_err(failed)?;
        if let Some(link) = links.iter().find(|link| link.name == name) {
            netlink::set_address(&mut self.connection, link.index, mac).map_err(failed)?;
        }
        if !pci && matches.pci.is_none() && matches.driver.is_none() {
            return Ok(());
        }
        let address = matches
            .pci
            .map_or_else(|| format!("0000:1d:{number:02x}.0"), |pci| pci.to_string());
        let device = Path::new("/sys/devices/pci0000:00").join(address);
        let class = Path::new(NET_DEVICES).join(name.as_ref());
        make_directory(self.root, &device)?;
        write(self.root, class.join("address"), &format!("{mac}\n"))?;
        link(self.root, &class.join("device"), &device)?;
        if let Some(driver) = &matches.driver {
            let driver = Path::new(PCI_BUS).join("drivers").join(driver.as_ref());
            make_directory(self.root, &driver)?;
            link(self.root, &device.join("driver"), &driver)?;
        }
        Ok(())
    }
}

fn named(name: &Option<KernelName>, otherwise: &str) -> Result<KernelName, Failure> {
    name.clone().map_or_else(|| otherwise.parse().map_err(failed), Ok)
}

fn write(root: &Root, path: impl AsRef<Path>, text: &str) -> Result<(), Failure> {
    file::write(&root.join(path), text.as_bytes(), 0o644)
        .map(|_| ())
        .map_err(failed)
}

fn link(root: &Root, link: &Path, target: &Path) -> Result<(), Failure> {
    file::replace_symlink(&root.join(link), &root.join(target))
        .map(|_| ())
        .map_err(failed)
}

fn make_directory(root: &Root, path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(root.join(path)).map_err(failed)
}
