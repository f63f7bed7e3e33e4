//! ZFS, through its own programs: every call of `zfs` and `zpool` is made here. `-Hp` answers in one line each, with tabs and
//! exact numbers.
//!
//! `zfs` has one exit code for every error, so "does not exist" is recognised by its words (zfs(8)).

use crate::host::pipeline::{self, PipelineError};
use crate::host::process::{self, ProcessError};
use crate::types::{DatasetName, Root, TypeError};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// A pool that answers at all does so in milliseconds; a set waits for one transaction group.
const DEADLINE: Duration = Duration::from_secs(20);

/// Why a question has no answer, or a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ZfsError {
    /// A program refused, in its own words, or did not end in time.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// It answered something that is not understood.
    #[error("the dataset '{dataset}': {problem}")]
    Malformed {
        /// What it answered.
        dataset: String,
        /// What is wrong with that.
        problem: String,
    },
    /// The change was made and does not read back.
    #[error("{0} was set and does not read back")]
    NotKept(String),
}

impl ZfsError {
    /// Nothing has the name that was asked about.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Process(ProcessError::Ended { stderr, .. }) if stderr.contains("dataset does not exist"))
    }
}

/// The pools of a machine, through its own programs.
#[derive(Debug)]
pub struct Pools {
    root: Root,
}

/// A filesystem, a line of `zfs list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filesystem {
    /// Its name.
    pub name: DatasetName,
    /// What it is for as long as it exists, also under another name.
    pub guid: String,
    /// Bytes it holds, with what is below it.
    pub used: Option<u64>,
    /// `on`, `off`, `noauto`.
    pub canmount: String,
    /// `/`, `legacy`, `none`, or another directory.
    pub mountpoint: String,
}

/// A property as it is set on one dataset itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Of which dataset.
    pub dataset: DatasetName,
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: String,
}

impl Pools {
    /// Those of the machine at this root.
    pub fn of(root: &Root) -> Self {
        Self { root: root.clone() }
    }

    /// The pool's default image; `None` when it has none.
    pub fn bootfs(&self, pool: &str) -> Result<Option<DatasetName>, ZfsError> {
        dataset_or_none(&self.zpool(&["get", "-Hp", "-o", "value", "bootfs", pool])?)
    }

    /// The pool's default image is this one: one write, durable when it returns, read back.
    pub fn set_bootfs(&self, dataset: &DatasetName) -> Result<(), ZfsError> {
        let pool = dataset.pool();
        let _ = self.zpool(&["set", &format!("bootfs={dataset}"), pool])?;
        if self.bootfs(pool)?.as_ref() == Some(dataset) {
            Ok(())
        } else {
            Err(ZfsError::NotKept(format!("bootfs of the pool '{pool}'")))
        }
    }

    /// `ONLINE`, `DEGRADED`, `SUSPENDED` …
    pub fn health(&self, pool: &str) -> Result<String, ZfsError> {
        self.zpool(&["list", "-Hp", "-o", "health", pool])
    }

    /// Whether an operator forbids the loader to write to the pool (zfsbootmenu(7)). ZFS before 2.2 knows no such property.
    pub fn is_read_only_for_the_menu(&self, pool: &str) -> bool {
        let words = ["get", "-Hp", "-o", "value", "org.zfsbootmenu:readonly", pool];
        self.zpool(&words)
            .is_ok_and(|value| !["-", "off", ""].contains(&value.as_str()))
    }

    /// The filesystems right below a dataset. One whose name would need quoting is left out: it cannot be an image.
    pub fn filesystems_below(&self, parent: &DatasetName) -> Result<Vec<Filesystem>, ZfsError> {
        let columns = "name,guid,used,canmount,mountpoint";
        let words = ["list", "-Hp", "-d", "1", "-t", "filesystem", "-o", columns];
        let list = self.zfs(&[&words[..], &[parent.as_ref()]].concat())?;
        let all = list.lines().filter_map(filesystem);
        Ok(all.filter(|filesystem| filesystem.name != *parent).collect())
    }

    /// The properties with a prefix that are set on the dataset itself and on those right below it, not what they inherit.
    pub fn local(&self, dataset: &DatasetName, prefix: &str) -> Result<Vec<Property>, ZfsError> {
        let words = ["get", "-Hp", "-d", "1", "-t", "filesystem", "-s", "local"];
        let ask = ["-o", "name,property,value", "all", dataset.as_ref()];
        let list = self.zfs(&[&words[..], &ask[..]].concat())?;
        let all = list.lines().filter_map(property);
        Ok(all.filter(|property| property.name.starts_with(prefix)).collect())
    }

    /// A property's value and where it comes from (`local`, `default`, `inherited from tank`); `None` when it is not set.
    pub fn value(&self, dataset: &DatasetName, property: &str) -> Result<Option<(String, String)>, ZfsError> {
        let line = self.zfs(&["get", "-Hp", "-o", "value,source", property, dataset.as_ref()])?;
        let (value, source) = line.split_once('\t').unwrap_or((&line, "-"));
        Ok((value != "-").then(|| (value.to_owned(), source.to_owned())))
    }

    /// All of these are set on the dataset, or none is: one transaction.
    pub fn set(&self, dataset: &DatasetName, properties: &[(&str, &str)]) -> Result<(), ZfsError> {
        let assignments: Vec<String> = properties
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut words = vec!["set"];
        words.extend(assignments.iter().map(String::as_str));
        words.push(dataset.as_ref());
        self.zfs(&words).map(drop)
    }

    /// The property is not set on the dataset any more.
    pub fn unset(&self, dataset: &DatasetName, property: &str) -> Result<(), ZfsError> {
        self.zfs(&["inherit", property, dataset.as_ref()]).map(drop)
    }

    /// Releases of ZFS in kernel and userland, as `zfs version` prints them.
    pub fn versions(&self, deadline: Duration) -> Result<String, ZfsError> {
        self.run("zfs", &["version"], deadline)
    }

    /// Every imported pool and its health, `tank<TAB>ONLINE` a line.
    pub fn all(&self, deadline: Duration) -> Result<String, ZfsError> {
        self.run("zpool", &["list", "-H", "-o", "name,health"], deadline)
    }

    /// What `zfs` prints, trimmed. For commands that take no longer than a transaction group.
    pub fn zfs(&self, words: &[&str]) -> Result<String, ZfsError> {
        self.run("zfs", words, DEADLINE)
    }

    /// What `zfs` answers within a time of the caller's own, trimmed.
    pub fn zfs_within(&self, words: &[&str], deadline: Duration) -> Result<String, ZfsError> {
        self.run("zfs", words, deadline)
    }

    /// A stream in a file, unpacked by another program, becomes a dataset: `zfs receive` with these words. `patience` is how
    /// long not a byte may move; `tell` is called with the bytes of the file that are read.
    pub fn receive(
        &self,
        file: &Path,
        unpack: (&str, &[&str]),
        words: &[&str],
        patience: Duration,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), PipelineError> {
        let words = [&["receive"], words].concat();
        let file = File::open(file).map_err(PipelineError::Read)?;
        pipeline::run(file, unpack, (&self.program("zfs"), &words), patience, tell)
    }

    fn zpool(&self, words: &[&str]) -> Result<String, ZfsError> {
        self.run("zpool", words, DEADLINE)
    }

    fn run(&self, program: &str, words: &[&str], deadline: Duration) -> Result<String, ZfsError> {
        Ok(process::run(&self.program(program), words, deadline)?)
    }

    /// A tree that is not the machine brings its own programs.
    fn program(&self, name: &str) -> String {
        if self.root.is_machine() {
            name.to_owned()
        } else {
            self.root.join("usr/sbin").join(name).display().to_string()
        }
    }
}

fn dataset_or_none(value: &str) -> Result<Option<DatasetName>, ZfsError> {
    match value {
        "-" | "" => Ok(None),
        name => name
            .parse()
            .map(Some)
            .map_err(|error: TypeError| ZfsError::Malformed {
                dataset: name.to_owned(),
                problem: error.to_string(),
            }),
    }
}

fn filesystem(line: &str) -> Option<Filesystem> {
    let mut fields = line.split('\t');
    Some(Filesystem {
        name: fields.next()?.parse().ok()?,
        guid: fields.next()?.to_owned(),
        used: fields.next()?.parse().ok(),
        canmount: fields.next()?.to_owned(),
        mountpoint: fields.next()?.to_owned(),
    })
}

fn property(line: &str) -> Option<Property> {
    let mut fields = line.splitn(3, '\t');
    Some(Property {
        dataset: fields.next()?.parse().ok()?,
        name: fields.next()?.to_owned(),
        value: fields.next()?.to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_zfs_list() {
        let a = filesystem("tank/ROOT/a\t11111403276254270033\t217034752\tnoauto\t/").unwrap();
        assert_eq!(a.name.to_string(), "tank/ROOT/a");
        assert_eq!(
            (a.guid.as_str(), a.used),
            ("11111403276254270033", Some(217_034_752))
        );
        assert_eq!((a.canmount.as_str(), a.mountpoint.as_str()), ("noauto", "/"));
        for none in [
            "",
            "tank/ROOT/with blank\t1\t2\tnoauto\t/",
            "no datasets available",
        ] {
            assert_eq!(filesystem(none), None, "{none}");
        }
    }

    #[test]
    fn a_line_of_zfs_get() {
        let state = property("tank/ROOT/b\torg.imp:command-line\tquiet\tloglevel=4").unwrap();
        assert_eq!(state.name, "org.imp:command-line");
        assert_eq!(state.value, "quiet\tloglevel=4");
        assert_eq!(property("no properties"), None);
    }

    #[test]
    fn no_default_is_a_hyphen() {
        assert_eq!(dataset_or_none("-").unwrap(), None);
        assert_eq!(
            dataset_or_none("tank/ROOT/a").unwrap(),
            Some("tank/ROOT/a".parse().unwrap())
        );
        assert!(dataset_or_none("tank/ROOT/with blank").is_err());
    }
}
