import type { LabObject } from '../objects.ts';

/** core/v1 Container, as far as it is run. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly containerPort: number }[];
  readonly readinessProbe?: {
    readonly httpGet?: { readonly path?: string; readonly port: number | string };
    readonly tcpSocket?: { readonly port: number | string };
  };
}

/** core/v1 Pod, as far as it is run. */
export interface LabPod extends LabObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly terminationGracePeriodSeconds?: number;
  };
}

/** The command that stands for a container; undefined: its image cannot be had. */
export type Images = (container: Container, pod: LabPod) => readonly string[] | undefined;

export const NODE = 'lab';
