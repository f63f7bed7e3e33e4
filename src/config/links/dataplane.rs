//! `[dataplane]` and `[vpp.NAME]`: the namespace and the VPP instances.

use super::check::cores;
use super::raw::{DataplaneRaw, InstanceRaw, InstancesRaw};
use super::startup::StartupRaw;
use crate::config::At;
use crate::config::check::{Checking, extra_file};
use crate::config::code::E0207;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::Span;
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
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Instance {
    /// Where it was written.
    pub at: At,
    /// The core of the main thread; VPP chooses when absent.
    pub main_core: Option<u16>,
    /// The cores of the workers; no workers when absent.
    pub corelist_workers: Option<CpuList>,
    /// The main heap. Derived where absent: 1 G, or what the instance's NAT module or the routes need.
    pub main_heap_size: Option<Bytes>,
    /// Buffers per NUMA node, 1,024 to 4,194,304; VPP's default when absent.
    pub buffers_per_numa: Option<u32>,
    /// Microseconds VPP sleeps between polls, 1 to 10,000; polls without pause when absent.
    pub poll_sleep_usec: Option<u32>,
    /// The driver NICs are bound to. Default `vfio-pci`.
    pub uio_driver: UioDriver,
    /// `extra-startup-file`: text appended to startup.conf in a marked place.
    pub extra_startup: Option<String>,
    /// `extra-commands-file`: lines in a marked place of the commands, in core before the ACLs of NAT modules.
    pub extra_commands: Option<String>,
}

/// The kernel driver through which DPDK gets a NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
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

/// `[dataplane]`, with its defaults.
pub(in crate::config) fn dataplane(field: &Field<DataplaneRaw>) -> Dataplane {
    let mut dataplane = Dataplane::default();
    let Some(raw) = field.get() else {
        return dataplane;
    };
    if let Some(namespace) = raw.namespace.value() {
        dataplane.namespace = namespace;
    }
    if let Some(wait) = raw.nic_wait.get() {
        dataplane.nic_wait = wait.get();
    }
    dataplane
}

/// `[vpp.NAME]`, checked.
pub(in crate::config) fn instances(
    field: &Field<InstancesRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<InstanceName, Instance> {
    let entries = field.entries().iter();
    let checked = entries.map(|(name, table)| (name.value.clone(), instance(&table.value, table.span, cx)));
    checked.collect()
}

fn instance(raw: &InstanceRaw, span: Span, cx: &mut Checking<'_>) -> Instance {
    Instance {
        at: cx.at(span),
        main_core: raw.main_core.get().map(|core| core.get()),
        corelist_workers: raw.corelist_workers.value(),
        main_heap_size: raw.main_heap_size.value(),
        buffers_per_numa: raw.buffers_per_numa.get().map(|buffers| buffers.get()),
        poll_sleep_usec: raw.poll_sleep_usec.get().map(|sleep| sleep.get()),
        uio_driver: raw.uio_driver.value().unwrap_or_default(),
        extra_startup: extra_startup(&raw.extra_startup_file, cx),
        extra_commands: extra_file(&raw.extra_commands_file, cores::commands_stay_lines, cx),
    }
}

/// The extra stanzas, which leave those around them whole.
fn extra_startup(field: &Field<StartupRaw>, cx: &mut Checking<'_>) -> Option<String> {
    let raw = field.get()?;
    if let Err(reason) = cores::startup_text_is_whole(&raw.text) {
        let message = format!("'{}' cannot be used", raw.path.value);
        cx.report(Diagnostic::error(E0207, raw.path.span, message).label(reason));
        return None;
    }
    Some(raw.text.clone())
}

/// Enters the instances: their cores and heaps.
pub(in crate::config) fn index_instances(field: &Field<InstancesRaw>, index: &mut Index) {
    for (name, table) in field.entries() {
        let (raw, owner) = (&table.value, || name.value.clone());
        let main_core = raw.main_core.copied().map(|core| core.map(|core| core.get()));
        index.main_cores.extend(main_core.map(|core| (owner(), core)));
        index
            .workers
            .extend(raw.corelist_workers.copied().map(|cores| (owner(), cores)));
        index
            .heaps
            .extend(raw.main_heap_size.copied().map(|heap| (owner(), heap)));
        let commands = raw.extra_commands_file.located();
        index
            .extra_commands
            .extend(commands.map(|file| (owner(), file.span)));
        index.instances.insert(owner(), name.span);
    }
}
