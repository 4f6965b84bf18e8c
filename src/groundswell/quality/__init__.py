"""Agreement, worker skill, calibration, cost and throughput."""
