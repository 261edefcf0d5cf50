"""The life of jobs: one job's in `runner`, many in `supervisor`; asks services and the disk, never draws."""
