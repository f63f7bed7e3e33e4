//! `[dataplane]` and `[vpp.NAME]`: the namespace and the VPP instances.

use crate::config::code::{E0102, E0207};
use crate::config::reader::{Located, Table};
use crate::config::{At, check};
use crate::types::{Bytes, CpuList, InstanceName, NetnsName, Seconds};
use std::collections::BTreeMap;

/// `[dataplane]`.
#[derive(Debug)]
pub struct Dataplane {
    /// The namespace all forwarding happens in. Default `dataplane`.
    pub namespace: NetnsName,
    /// How long a boot waits for its NICs, 0 to 600 s. Default 30 s.
    pub nic_wait: Seconds,
}

/// `[vpp.NAME]`: one VPP process. No two share a core.
#[derive(Debug)]
pub struct Instance {
    /// Where it was written.
    pub at: At,
    /// The core of the main thread; VPP chooses when absent.
    pub main_core: Option<u16>,
    /// The cores of the workers; no workers when absent.
    pub corelist_workers: Option<CpuList>,
    /// The main heap. Derived where absent: 1 G, and for det44 24,000 bytes per inside address plus 256 MB.
    pub main_heap_size: Option<Bytes>,
    /// Buffers per NUMA node, 1,024 to 4,194,304; VPP's default when absent.
    pub buffers_per_numa: Option<u32>,
    /// Microseconds VPP sleeps between polls, 1 to 10,000; polls without pause when absent.
    pub poll_sleep_usec: Option<u32>,
    /// The driver NICs are bound to. Default `vfio-pci`.
    pub uio_driver: UioDriver,
    /// `extra-startup-file`: text appended to startup.conf in a marked place.
    pub extra_startup: Option<String>,
    /// `extra-commands-file`: lines appended to the commands in a marked place, before the proof marker.
    pub extra_commands: Option<String>,
}

/// The kernel driver through which DPDK gets a NIC (facts/vpp.md, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UioDriver {
    /// `vfio-pci`: needs an IOMMU.
    #[default]
    VfioPci,
    /// `uio_pci_generic`: works without one.
    UioPciGeneric,
}

impl UioDriver {
    /// The name as VPP and modprobe spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::VfioPci => "vfio-pci",
            Self::UioPciGeneric => "uio_pci_generic",
        }
    }
}

impl Default for Dataplane {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the name is a constant of the right grammar")]
        let namespace = "dataplane".parse().expect("a namespace name");
        Self {
            namespace,
            nic_wait: Seconds::new(30),
        }
    }
}

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Dataplane {
    let mut dataplane = Dataplane::default();
    let Some(mut table) = document.table("dataplane") else {
        return dataplane;
    };
    if let Some(namespace) = table.text("namespace") {
        dataplane.namespace = namespace.value;
    }
    if let Some(wait) = table.duration("nic-wait", 0..=600, "a duration from 0s to 10m") {
        dataplane.nic_wait = wait;
    }
    table.finish();
    dataplane
}

/// `[vpp.NAME]`.
pub(in crate::config) fn decode_instances(document: &mut Table<'_, '_>) -> BTreeMap<InstanceName, Instance> {
    let mut instances = BTreeMap::new();
    for (name, table) in document.named::<InstanceName>("vpp") {
        let instance = decode_instance(&name, table);
        instances.insert(name.value, instance);
    }
    instances
}

fn decode_instance(name: &Located<InstanceName>, mut table: Table<'_, '_>) -> Instance {
    let cx = table.cx();
    let main_core: Option<Located<u16>> = table.within("main-core", 0..=1023, "a CPU number from 0 to 1023");
    let workers: Option<Located<CpuList>> = table.text("corelist-workers");
    let heap: Option<Located<Bytes>> = table.text("main-heap-size");
    let instance = Instance {
        at: table.at(),
        main_core: main_core.map(|core| core.value),
        corelist_workers: workers.as_ref().map(|cores| cores.value.clone()),
        main_heap_size: heap.map(|heap| heap.value),
        buffers_per_numa: value(table.within(
            "buffers-per-numa",
            1024..=4_194_304,
            "a number from 1,024 to 4,194,304",
        )),
        poll_sleep_usec: value(table.within("poll-sleep-usec", 1..=10_000, "microseconds from 1 to 10,000")),
        uio_driver: value(table.choice(
            "uio-driver",
            &[
                ("vfio-pci", UioDriver::VfioPci),
                ("uio_pci_generic", UioDriver::UioPciGeneric),
            ],
        ))
        .unwrap_or_default(),
        extra_startup: extra_file(
            &mut table,
            "extra-startup-file",
            check::vpp::startup_text_is_whole,
        ),
        extra_commands: extra_file(&mut table, "extra-commands-file", check::vpp::commands_stay_lines),
    };
    let mut index = cx.index.borrow_mut();
    index
        .main_cores
        .extend(main_core.map(|core| (name.value.clone(), core)));
    index
        .workers
        .extend(workers.map(|cores| (name.value.clone(), cores)));
    index.heaps.extend(heap.map(|heap| (name.value.clone(), heap)));
    index.instances.insert(name.value.clone(), name.span);
    drop(index);
    table.finish();
    instance
}

fn value<T>(located: Option<Located<T>>) -> Option<T> {
    located.map(|l| l.value)
}

/// What an extra file's text has to be; the reason when it is not.
type TextCheck = fn(&str) -> Result<(), String>;

/// The text of a file the operator names, below the configuration folder.
pub(in crate::config) fn extra_file(
    table: &mut Table<'_, '_>,
    key: &'static str,
    check: TextCheck,
) -> Option<String> {
    let value = table.value(key)?;
    let (path, bytes) = value.file()?;
    let refused = match String::from_utf8(bytes).map(|text| (check(&text), text)) {
        Ok((Ok(()), text)) => return Some(text),
        Ok((Err(reason), _)) => value
            .refuse(E0207, format!("'{path}' cannot be used"))
            .label(reason),
        Err(_) => value.refuse(E0102, format!("'{path}' is not UTF-8")),
    };
    table.cx().report(refused);
    None
}
