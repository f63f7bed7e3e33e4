//! The state of the machine, as plain data. Reads only; changes nothing.

pub mod bindings;
pub mod boot;
pub mod cpu;
pub mod frr;
pub mod identity;
pub mod incus;
pub mod instance;
pub mod iommu;
pub mod memory;
pub mod module;
pub mod mount;
pub mod netns;
pub mod nic;
pub mod output;
pub mod port;
pub mod service;
pub mod ssh;
pub mod status;
pub mod sysctl;
pub mod timezone;
pub mod user;
pub mod vitals;
pub mod vpp;
pub mod vrrp;
pub mod watchdog;

/// A part of the machine's state that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("read {subject}")]
pub struct FactsError {
    subject: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl FactsError {
    /// The subject cannot be read, and why.
    pub fn new(
        subject: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            subject: subject.into(),
            source: source.into(),
        }
    }
}
