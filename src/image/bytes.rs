//! The bytes of an image, wherever they live.

use std::sync::Arc;

/// Bytes that an image owns or shares: a vector, or a file mapped by somebody who keeps it mapped and unchanged.
#[derive(Clone)]
pub struct ImageBytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl ImageBytes {
    /// `owner` must return the same bytes on every call.
    pub fn new(owner: Arc<dyn AsRef<[u8]> + Send + Sync>) -> ImageBytes {
        ImageBytes(owner)
    }

    pub fn as_slice(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl From<Vec<u8>> for ImageBytes {
    fn from(bytes: Vec<u8>) -> Self {
        ImageBytes(Arc::new(bytes))
    }
}
