//! What `zfs` and `zpool` are asked, and how their answers are read: `-Hp` is one line each, tabs, exact numbers.

use crate::act::process;
use crate::boot::loader::BackendError;
use crate::types::{DatasetName, Root};
use std::time::Duration;

/// A pool that answers at all does so in milliseconds; a set waits for one transaction group.
const DEADLINE: Duration = Duration::from_secs(20);

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
    pub fn bootfs(&self, pool: &str) -> Result<Option<DatasetName>, BackendError> {
        dataset_or_none(&self.zpool(&["get", "-Hp", "-o", "value", "bootfs", pool])?)
    }

    /// The pool's default image is this one: one write, durable when it returns, read back.
    pub fn set_bootfs(&self, dataset: &DatasetName) -> Result<(), BackendError> {
        let pool = dataset.pool();
        let _ = self.zpool(&["set", &format!("bootfs={dataset}"), pool])?;
        if self.bootfs(pool)?.as_ref() == Some(dataset) {
            Ok(())
        } else {
            Err(BackendError::NotRead(format!("bootfs of the pool '{pool}'")))
        }
    }

    /// `ONLINE`, `DEGRADED`, `SUSPENDED` …
    pub fn health(&self, pool: &str) -> Result<String, BackendError> {
        self.zpool(&["list", "-Hp", "-o", "health", pool])
    }

    /// Whether an operator forbids the loader to write to the pool (zfsbootmenu(7)). ZFS before 2.2 knows no such property.
    pub fn is_read_only_for_the_menu(&self, pool: &str) -> bool {
        let words = ["get", "-Hp", "-o", "value", "org.zfsbootmenu:readonly", pool];
        self.zpool(&words)
            .is_ok_and(|value| !["-", "off", ""].contains(&value.as_str()))
    }

    /// The filesystems right below a dataset. One whose name would need quoting is not shown: it can be no image.
    pub fn filesystems_below(&self, parent: &DatasetName) -> Result<Vec<Filesystem>, BackendError> {
        let columns = "name,guid,used,canmount,mountpoint";
        let words = ["list", "-Hp", "-d", "1", "-t", "filesystem", "-o", columns];
        let list = self.zfs(&[&words[..], &[parent.as_ref()]].concat())?;
        let all = list.lines().filter_map(filesystem);
        Ok(all.filter(|filesystem| filesystem.name != *parent).collect())
    }

    /// The properties with a prefix that are set on the dataset itself and on those right below it, not what they inherit.
    pub fn local(&self, dataset: &DatasetName, prefix: &str) -> Result<Vec<Property>, BackendError> {
        let words = ["get", "-Hp", "-d", "1", "-t", "filesystem", "-s", "local"];
        let ask = ["-o", "name,property,value", "all", dataset.as_ref()];
        let list = self.zfs(&[&words[..], &ask[..]].concat())?;
        let all = list.lines().filter_map(property);
        Ok(all.filter(|property| property.name.starts_with(prefix)).collect())
    }

    /// A property's value and where it comes from (`local`, `default`, `inherited from tank`); `None` when it is not set.
    pub fn value(
        &self,
        dataset: &DatasetName,
        property: &str,
    ) -> Result<Option<(String, String)>, BackendError> {
        let line = self.zfs(&["get", "-Hp", "-o", "value,source", property, dataset.as_ref()])?;
        let (value, source) = line.split_once('\t').unwrap_or((&line, "-"));
        Ok((value != "-").then(|| (value.to_owned(), source.to_owned())))
    }

    /// All of these are set on the dataset, or none is: one transaction.
    pub fn set(&self, dataset: &DatasetName, properties: &[(&str, &str)]) -> Result<(), BackendError> {
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
    pub fn unset(&self, dataset: &DatasetName, property: &str) -> Result<(), BackendError> {
        self.zfs(&["inherit", property, dataset.as_ref()]).map(drop)
    }

    /// What `zfs` answers, trimmed.
    pub fn zfs(&self, words: &[&str]) -> Result<String, BackendError> {
        self.run("zfs", words)
    }

    fn zpool(&self, words: &[&str]) -> Result<String, BackendError> {
        self.run("zpool", words)
    }

    /// A tree that is not the machine brings its own programs.
    fn run(&self, program: &str, words: &[&str]) -> Result<String, BackendError> {
        let own = self.root.join("usr/sbin").join(program).display().to_string();
        let program = if self.root.is_machine() { program } else { &own };
        Ok(process::run(program, words, DEADLINE)?)
    }
}

fn dataset_or_none(value: &str) -> Result<Option<DatasetName>, BackendError> {
    match value {
        "-" | "" => Ok(None),
        name => name
            .parse()
            .map(Some)
            .map_err(|error| BackendError::Unreadable(format!("the dataset '{name}': {error}"))),
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
