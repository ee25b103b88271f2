import { Cors, type IResource, LambdaIntegration, Resource } from 'aws-cdk-lib/aws-apigateway';
import { corsHeaders } from '../model/cors-headers.ts';
import type { HandlerFunction } from './handler-function.ts';

/** A resource of the REST API whose methods invoke functions. Pages of any origin may call it. */
export class RestResource extends Resource {
  /** @param methods the methods that the response to a preflight request allows */
  constructor(parent: IResource, pathPart: string, methods: string[]) {
    super(parent, pathPart, {
      parent,
      pathPart,
      defaultCorsPreflightOptions: {
        allowOrigins: Cors.ALL_ORIGINS,
        allowMethods: methods,
        allowHeaders: ['Content-Type', 'Idempotency-Key', 'If-None-Match'],
        exposeHeaders: [corsHeaders['Access-Control-Expose-Headers']],
      },
    });
  }

  /** Adds a method that invokes the alias `live` of a function. */
  addFunction(method: string, { live }: HandlerFunction): void {
    this.addMethod(method, new LambdaIntegration(live, { allowTestInvoke: false }));
  }
}
