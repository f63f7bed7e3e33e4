//! Every integration test, in one binary: one link instead of ten.

mod file;
mod load;
mod report;
