//! What a boot leaves behind for `impctl why`: outside both images, bounded, readable without a journal.
