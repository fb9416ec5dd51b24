export {
  type Http,
  type HttpBody,
  type HttpEvent,
  type HttpMethod,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  type HttpStats,
  http,
} from './lib/http.ts';
