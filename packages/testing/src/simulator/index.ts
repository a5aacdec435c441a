export type { GithubSide } from "./Simulation.ts"
export { ConnectionReset, type Failure } from "./failures.ts"
export type { IssuedGrant, IssueOptions } from "./issueGrant.ts"
export {
  makeSimulator,
  type SimulatedRequest,
  type Simulator,
  type SimulatorOptions
} from "./makeSimulator.ts"
export type { Registered, Registration } from "./Registration.ts"
export { type ImportsConnections, seedConnected, type SeedOptions } from "./seedConnected.ts"
export type { HostProvider, SimulatedClient, SimulateOptions } from "./simulated.ts"
export type { ConsentMode, RequestKind, Violation } from "./Simulation.ts"
export {
  type RunningSimulator,
  startSimulator,
  type StartSimulatorOptions
} from "./startSimulator.ts"
export { type RemoteSimulator, simulatorAt } from "./simulatorAt.ts"
export { AuthorizationRefused, type Callback, type VisitOptions } from "./visit.ts"
