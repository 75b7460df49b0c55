//! How a service misbehaves.

/// What befalls one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// 429, nothing taken.
    TooMany {
        /// `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// A server error, nothing taken.
    Error {
        /// 500 to 599.
        status: u16,
    },
    /// A server error, and it was taken all the same.
    TakenThenError {
        /// 500 to 599.
        status: u16,
    },
    /// Taken, and answered later than anybody waits.
    Slow,
    /// Taken, and answered with what is no answer.
    Malformed,
    /// Taken, and the connection closes in the middle of the answer.
    ClosesMidway,
}

impl Mischief {
    /// One of each.
    pub const ALL: [Self; 6] = [
        Self::TooMany { retry_after: 40 },
        Self::Error { status: 503 },
        Self::TakenThenError { status: 500 },
        Self::Slow,
        Self::Malformed,
        Self::ClosesMidway,
    ];

    /// Whether the call was taken.
    #[must_use]
    pub fn taken(self) -> bool {
        match self {
            Self::TooMany { .. } | Self::Error { .. } => false,
            Self::TakenThenError { .. } | Self::Slow | Self::Malformed | Self::ClosesMidway => true,
        }
    }
}
